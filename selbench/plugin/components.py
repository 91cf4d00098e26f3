"""What a plugin author subclasses: Simulator, Encoder, Model, Predictor.

A component is a frozen dataclass whose fields are its options. Its name and
options are its whole identity: they rebuild it, key its cached results and
stand in every report.
"""

from __future__ import annotations

from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, PluginError, UnsupportedError
from selbench.plugin.design import DesignedFor
from selbench.scenario import Scenario
from selbench.tables import as_declared
from selbench.windows import Examples, FeatureSpec, Polarisation, Windows, WindowSpec

Learned = Mapping[str, NDArray[Any]]
"""What a component has learned of training windows, or of a background: arrays by name."""

Progress = Callable[[float, str], None]
"""Called by `Model.fit` with the fraction done, in [0, 1], and a few words."""


@dataclass(frozen=True)
class Citation:
    """A publication that a component implements.

    Parameters
    ----------
    key : str
        BibTeX key, such as ``"torada2019imagene"``.
    authors, title, journal : str
        Authors in BibTeX form (``"Hudson, Richard R."``, joined by ``and``).
    year : int
    doi : str
    """

    key: str
    authors: str
    title: str
    journal: str
    year: int
    doi: str = ""

    @property
    def brief(self) -> str:
        """Family names, year and journal, for a sentence.

        >>> Citation("k", "Kern, Andrew D. and Schrider, Daniel R.", "diploS/HIC", "G3", 2018).brief
        'Kern and Schrider 2018, G3'
        """
        names = [author.partition(",")[0] for author in self.authors.split(" and ")]
        said = " and ".join(names) if len(names) < 3 and "others" not in names else f"{names[0]} et al."
        return f"{said} {self.year}, {self.journal}"

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        fields = {
            "author": self.authors,
            "title": f"{{{self.title}}}",
            "journal": self.journal,
            "year": str(self.year),
            "doi": self.doi,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@article{{{self.key},", *lines, "}"])


class _CheckedOptions(ABCMeta):
    """Holds the options of a component to their declared types, from Python as from TOML."""

    def __call__(cls, *values: Any, **options: Any) -> Any:
        if is_dataclass(cls):
            where = str(getattr(cls, "name", cls.__name__))
            names = [field.name for field in fields(cls) if field.init]
            if len(values) > len(names):
                raise PluginError(f"{where}: expected at most {len(names)} options, found {len(values)}")
            given = dict(zip(names, values, strict=False))
            if twice := given.keys() & options.keys():
                raise PluginError(f"{where}: option {min(twice)!r} is given twice")
            values, options = (), as_declared(cls, given | options, where=where, error=PluginError)
        return super().__call__(*values, **options)


class Component(ABC, metaclass=_CheckedOptions):
    """Base of every plugin class. Final subclasses are ``@dataclass(frozen=True)``.

    The first line of a component's docstring is its description in listings. An
    option with many choices may explain them where it is listed:
    ``field(default=…, metadata={"choices": {"h12": "what it is"}})``.
    An option of another type than its field says, or one that is not among the
    choices of a `Literal`, is a PluginError that lists the right ones.
    """

    name: ClassVar[str]
    citations: ClassVar[tuple[Citation, ...]] = ()


@dataclass(frozen=True)
class ParsedCommand:
    """What an argument line of an original program asks for, in natural units.

    Parameters
    ----------
    scenario : Scenario
    n_windows : int
    seed : int or None
        Chooses *our* stream; None where the line gives no seed.
    position_digits : int
        Decimals of the printed positions, which are fractions of the window.
    print_selected_site : bool
        Whether the selected site is printed even where it does not vary.
    print_lost_site : bool
        Whether also where no haplotype carries the allele.
    """

    scenario: Scenario
    n_windows: int
    seed: int | None = None
    position_digits: int = 4
    print_selected_site: bool = False
    print_lost_site: bool = True


class Simulator(Component):
    """Makes windows of a scenario."""

    def unsupported(self, scenario: Scenario) -> str | None:
        """Say why this simulator cannot do `scenario`, or None. Never approximate in silence."""
        return None

    @abstractmethod
    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Simulate exactly the windows with these indices, none dropped.

        The same (scenario, seed, index) gives the same window. Simulators are
        asked for fixed blocks of 1,000 indices, unless `independent_windows` is set.

        Raises
        ------
        UnsupportedError
            If `unsupported` gives a reason.
        """

    independent_windows: ClassVar[bool] = False
    """Whether a window's bytes depend on (scenario, seed, index) alone, whatever the range asked for."""

    @property
    def programs(self) -> tuple[str, ...]:
        """The commands that this simulator starts as its options name them; by default its option `program`.

        An experiment that names any runs only with leave, and whoever merely reads it starts nothing.
        """
        program = getattr(self, "program", "")
        return (program,) if isinstance(program, str) and program else ()

    def parse_command(self, line: str) -> ParsedCommand:
        """Read the argument line of the program that this simulator stands for.

        Raises
        ------
        UnsupportedError
            At the first option that cannot be done, with its value and what is
            allowed; also where the simulator has no such line.
        """
        raise UnsupportedError(f"{self.name}: has no argument line of its own; give a scenario instead")

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return a neutral scenario that takes the same program and path, or None.

        The favoured allele is absent from it; nothing else differs.
        """
        return None

    def provenance(self) -> Mapping[str, str]:
        """Return what made the windows beyond name and options: program, version line, checksum."""
        return {}


class Encoder(Component):
    """Turns windows into arrays of one shape. Pure: a window's features depend on that window alone.

    The exception is an encoder that learns something of training windows first, such as
    what is usual among neutral ones; then on that, too.
    """

    @property
    def needs_phase(self) -> bool:
        """Whether it must know which alleles lie on one chromosome; a class says ``needs_phase = False``."""
        return True

    @property
    def needs_ancestral(self) -> bool | None:
        """Whether its features mean another thing where 0 is not the ancestral allele.

        False: they do not depend on which of two alleles is called 0. None: the encoder does not say.
        """
        return None

    @property
    def accepts_missing(self) -> bool:
        """Whether it has a rule for alleles without a call (255); a class says ``accepts_missing = True``."""
        return False

    @property
    def designed_for(self) -> DesignedFor | None:
        """Windows that it was made for; a class says ``designed_for = DesignedFor(…)``."""
        return None

    def check_takes(self, windows: Windows) -> None:
        """Refuse windows that lack what the encoder has not said it can do without.

        Raises
        ------
        UnsupportedError
            If they are unphased, or miss calls.
        """
        if self.needs_phase and not windows.phased:
            raise UnsupportedError(f"{self.name}: needs phased genotypes, found unphased ones; phase them")
        if windows.missing and not self.accepts_missing:
            raise UnsupportedError(
                f"{self.name}: has no rule for alleles without a call, found windows that may hold such; "
                "leave out sites with missing calls"
            )

    default_model: ClassVar[str] = ""
    """A model with which the encoder alone names a method, where there is one."""

    def learn(self, train: Windows, *, null: str) -> Learned:
        """Learn what `encode_with` must know of labelled training windows; by default nothing.

        Parameters
        ----------
        train : Windows
        null : str
            The class of neutral windows.
        """
        return {}

    def encode_with(self, windows: Windows, learned: Learned) -> NDArray[Any]:
        """Encode as `encode` does, knowing what `learn` returned."""
        return self.encode(windows)

    def statistics_used(self) -> tuple[str, ...]:
        """Name the summary statistics that features are, so that a scan can say which are out of range."""
        return ()

    def unsupported(self, windows: WindowSpec, polarisation: Polarisation) -> str | None:
        """Say why these windows cannot be encoded, or None."""
        return None

    @abstractmethod
    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return the shape, dtype and axes of one window's features."""

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say what a reader of the results should know of how these training windows were encoded.

        A sentence each, such as how many sites had to be moved; they stand in the report.
        """
        return ()

    def encode(self, windows: Windows) -> NDArray[Any]:
        """Encode a few hundred windows: array (n_windows, \\*shape).

        Subclasses override this, or `encode_window` for one window at a time.
        """
        spec = self.feature_spec(windows.spec)
        features = np.empty((len(windows), *spec.shape), dtype=spec.dtype)
        for i, (haplotypes, positions) in enumerate(windows):
            encoded = np.asarray(self.encode_window(haplotypes, positions, windows.spec))
            if encoded.shape != spec.shape or encoded.dtype == object:
                raise DataError(
                    f"encode_window: expected an array of shape {spec.shape}, as feature_spec says, found "
                    + ("no numbers" if encoded.dtype == object else f"shape {encoded.shape}")
                )
            features[i] = encoded
        return features

    def encode_window(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], spec: WindowSpec
    ) -> NDArray[Any]:
        """Encode one window: haplotypes (n_sites, n_haplotypes), positions (n_sites,) in bp."""
        raise NotImplementedError(f"{type(self).__name__} overrides neither encode nor encode_window")


class Predictor(ABC):
    """A fitted model: features to probabilities, with everything it learned inside."""

    may_decline: ClassVar[bool] = False
    """Whether a row of NaN is an answer: that it can say nothing of the window. Of others it is a fault."""

    @abstractmethod
    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes), rows summing to 1.

        Of one that says ``may_decline = True``, a row may be NaN: it declines its window, which is scored at
        the method's median score of null windows, and counted (the metric ``coverage``).
        A row depends on its own features only (networks: to 1e-5).
        """

    @abstractmethod
    def save(self, directory: Path) -> None:
        """Write what `Model.load` needs into an existing empty folder. No pickle, no code."""

    @property
    def features(self) -> FeatureSpec | None:
        """The features it was fitted on, where it keeps them; loading holds them to the encoder's."""
        return None

    @property
    def history(self) -> Mapping[str, tuple[float, ...]]:
        """Training history by name (``loss``, ``val_accuracy``), one value per epoch; may be empty."""
        return {}

    @property
    def n_parameters(self) -> int | None:
        """Number of learned parameters, where that means something."""
        return None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of the results should know of this training: sentences that stand in the report."""
        return ()

    @property
    def device(self) -> str:
        """What it was fitted on, such as ``gpu:0 NVIDIA H100``; it stands in the report's cost table."""
        return "cpu"


class Model(Component):
    """Learns a Predictor from examples."""

    default_encoder: ClassVar[str]
    """The encoding its paper uses, as spelled on the command line (``"imagene[sort=rows]"``)."""

    is_baseline: ClassVar[bool] = False
    """Whether reports and audits take it for a baseline, of which nothing need be left.

    Which baselines join an experiment is named there; being installed is not enough.
    """

    @property
    def designed_for(self) -> DesignedFor | None:
        """Windows that it was made for, where its encoder does not say."""
        return None

    @property
    def uses_target(self) -> bool:
        """Whether it learns from the unlabelled windows of `Examples.target`; then it declines without."""
        return False

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Say why this model cannot take these features, or None. A cell may decline."""
        return None

    @abstractmethod
    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit on `train`; `validation` may choose an epoch or calibrate, and nothing else is seen.

        The same examples and seed give the same predictor.
        """

    @abstractmethod
    def load(self, directory: Path) -> Predictor:
        """Load what `Predictor.save` wrote, without running code from it.

        Raises
        ------
        DataError
            If a file is missing or damaged.
        """
