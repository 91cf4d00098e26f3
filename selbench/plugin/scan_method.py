"""A scanner as a method: its value of a window becomes a calibrated probability."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, make_dataclass
from functools import cache
from pathlib import Path
from types import new_class
from typing import Any, ClassVar, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.plugin.components import Encoder, Learned, Model, Predictor, Progress
from selbench.plugin.scanner import Scanner, Stretch, checked, profiled
from selbench.plugin.thresholds import Cuts, mean_ranks
from selbench.windows import Examples, FeatureSpec, Polarisation, Windows, WindowSpec

_FILE = "scan.json"
_FEATURES = ("value", "scored")


class ScanEncoder(Encoder):
    """What a scanner says of a window: one number, and how many rows of the profile have a value.

    The background comes from the null class's training windows, with a share of other windows
    among them as ``swept_background`` says: nobody has neutral windows of a real genome alone. A window
    without any value has 0 twice, and the model declines it.
    """

    scanner_class: ClassVar[type[Scanner]]
    swept_background: float

    @property
    def scanner(self) -> Scanner:
        """The scanner with its options."""
        options = {each.name: getattr(self, each.name) for each in fields(cast(Any, self.scanner_class))}
        return self.scanner_class(**options)

    def __post_init__(self) -> None:
        if not 0 <= self.swept_background < 1:
            raise DataError(
                f"swept_background: expected a share from 0 to below 1, found {self.swept_background}"
            )
        _ = self.scanner  # its own checks

    def __reduce__(self) -> tuple[Any, tuple[type[Scanner], dict[str, Any]], dict[str, Any]]:
        options = {each.name: getattr(self, each.name) for each in fields(cast(Any, self))}
        return _rebuilt, (self.scanner_class, options), vars(self)

    @property
    def needs_phase(self) -> bool:
        """Whether the scanner must know which alleles lie on one chromosome."""
        return self.scanner_class.needs_phase

    @property
    def accepts_missing(self) -> bool:
        """Whether the scanner has a rule for alleles without a call."""
        return self.scanner_class.accepts_missing

    @property
    def needs_ancestral(self) -> bool | None:
        """True where the scanner refuses sites that nobody polarised; the others do not say."""
        return True if self.scanner_class.needs_ancestral else None

    def unsupported(self, windows: WindowSpec, polarisation: Polarisation) -> str | None:
        """Decline what the scanner declines."""
        return self.scanner.unsupported(windows, polarisation)

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return the value, and the number of rows that have one."""
        return FeatureSpec((2,), "float64", ("scan",), _FEATURES)

    def learn(self, train: Windows, *, null: str) -> Learned:
        """Learn the scanner's background from the null class's windows, and some of the others if asked."""
        assert train.labels is not None
        is_null = train.labels == null
        neutral, others = np.flatnonzero(is_null), np.flatnonzero(~is_null)
        n_swept = round(len(neutral) * self.swept_background / (1 - self.swept_background))
        if n_swept > len(others):
            raise DataError(
                f"{self.name}: swept_background = {self.swept_background:g} asks for {n_swept:,} windows "
                f"that are not {null}, found {len(others):,}"
            )
        spaced = others[np.linspace(0, len(others) - 1, n_swept).astype(np.int64)] if n_swept else others[:0]
        scanner = self.scanner
        chosen = np.sort(np.concatenate([neutral, spaced])).tolist()
        return scanner.background([checked(scanner, Stretch.of(train, i)) for i in chosen])

    def encode(self, windows: Windows) -> NDArray[np.float64]:
        """Encode windows each of which is its own background."""
        return self.encode_with(windows, {})

    def encode_with(self, windows: Windows, learned: Learned) -> NDArray[np.float64]:
        """Return the scanner's number and its scored rows, float64 (n_windows, 2)."""
        scanner = self.scanner
        features = np.zeros((len(windows), 2))
        for i in range(len(windows)):
            profile = profiled(scanner, checked(scanner, Stretch.of(windows, i)), learned)
            score = scanner.score(profile, learned)
            if score is not None:
                features[i] = score, np.count_nonzero(profile.is_defined)
        return features

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many rows have a value, and in how many windows none has."""
        if len(windows) == 0:
            return ()
        some = windows.take(slice(0, 200))
        scanner = self.scanner
        learned = scanner.background([Stretch.of(some, i) for i in range(len(some))])
        scored = self.encode_with(some, learned)[:, 1]
        return (
            f"{self.name} has a median of {np.median(scored):g} scored rows in each of the first "
            f"{len(scored):,} training windows, and none in {np.count_nonzero(scored == 0):,}",
        )


class ScanModel(Model):
    """A threshold on a scanner's number, in the scanner's own direction: high values for selection.

    Windows without a number are declined. With several classes the null class stands lowest, the
    others above it in order of their mean rank in training windows (see `Cuts.fit_rising`).
    """

    scanner_class: ClassVar[type[Scanner]]

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline features that are not a scanner's."""
        return None if features.names == _FEATURES else f"needs a scanner's value: use {self.default_encoder}"

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit on `train`; `validation` and `seed` are not used.

        Raises
        ------
        DataError
            If windows have no value or all the same.
        """
        features = train.to_array()
        defined = features[:, 1] > 0
        values = features[defined, 0]
        if len(np.unique(values)) < 2:
            n_without = len(features) - len(values)
            found = f"{values[0]:g} in every one of {len(values):,}" if len(values) else "none that has one"
            if len(values) and n_without:
                found += f", and {n_without:,} without one"
            raise DataError(
                f"{self.name}: expected training windows whose values differ, found {found}"
                + (self._way_out if n_without else "")
            )
        n_classes = len(train.classes)
        labels = train.labels[defined]
        cuts = Cuts.fit_rising(values, labels, n_classes)
        ranks = mean_ranks(values, labels, n_classes)
        below_null = tuple(train.classes[code] for code in np.flatnonzero(ranks < ranks[0]))
        counts = np.bincount(train.labels[~defined], minlength=n_classes)
        progress(1.0, f"fitted a threshold on {self.name}")
        return ScanPredictor(cuts, tuple(int(count) for count in counts), tuple(train.classes), below_null)

    @property
    def _way_out(self) -> str:
        """Say which options of the scanner make it ask for less of a window."""
        sizes = [
            each.name for each in fields(cast(Any, self.scanner_class)) if each.name.startswith("window_")
        ]
        if not sizes:
            return "; windows have too few sites for it: take longer ones"
        spelled = ",".join(f"{name}=…" for name in sizes)
        return f"; windows have too few sites for it: take longer ones, or a smaller {self.name}[{spelled}]"

    def load(self, directory: Path) -> Predictor:
        """Load the thresholds."""
        path = directory / _FILE
        try:
            saved = read_json(path)
            classes = tuple(str(name) for name in saved["classes"])
            counts = tuple(int(count) for count in saved["n_without_value"])
            cuts = Cuts.from_table(saved["cuts"])
            if not len(classes) == len(counts) == cuts.n_classes:
                raise ValueError(f"{cuts.n_classes} classes in one place, {len(classes)} in another")
            below_null = tuple(str(name) for name in saved.get("below_null", ()))
            return ScanPredictor(cuts, counts, classes, below_null)
        except (OSError, ValueError, OverflowError, KeyError, TypeError, AttributeError) as problem:
            raise DataError(f"{path}: missing or damaged: {problem!r}; train it again") from problem


@dataclass(frozen=True)
class ScanPredictor(Predictor):
    """Thresholds on a value; a window without one is declined.

    Parameters
    ----------
    cuts : Cuts
    n_without_value : tuple of int
        Training windows without a value, by class.
    classes : tuple of str
    below_null : tuple of str
        Those that have lower values than the null class in training windows, in the mean rank.
    """

    may_decline: ClassVar[bool] = True

    cuts: Cuts
    n_without_value: tuple[int, ...]
    classes: tuple[str, ...]
    below_null: tuple[str, ...] = ()

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes); NaN for a window without a value."""
        if features.ndim != 2 or features.shape[1] != 2:
            raise DataError(f"features: expected (n_windows, 2), found {features.shape}")
        probabilities = self.cuts.probabilities(features[:, 0])
        probabilities[features[:, 1] == 0] = np.nan
        return probabilities

    def save(self, directory: Path) -> None:
        """Write the thresholds as JSON."""
        saved = {
            "cuts": self.cuts.to_table(),
            "n_without_value": self.n_without_value,
            "classes": self.classes,
            "below_null": self.below_null,
        }
        (directory / _FILE).write_text(json.dumps(saved, indent=2) + "\n")

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say which training windows had no value, and where they stand against the scanner's direction."""
        said = []
        if sum(self.n_without_value):
            found = ", ".join(
                f"{n:,} of {name}" for n, name in zip(self.n_without_value, self.classes, strict=True)
            )
            said.append(f"training windows without a value: {found}; such a window is declined")
        null = self.classes[0]
        if self.below_null:
            said.append(
                f"in training windows {null} has higher values than {' and '.join(self.below_null)}: read in "
                "the scanner's own direction all the same, high values for selection"
            )
        ranked = [self.classes[code] for code in self.cuts.order]
        reversed_from = ranked[: ranked.index(null)] if null in ranked else []
        if reversed_from:  # saved when directions were learned
            said.append(
                f"read backwards: in training windows {null} has higher values than "
                f"{' and '.join(reversed_from)}, so that low values are taken for selection; train it again"
            )
        return tuple(said)


@cache
def scan_encoder(scanner: type[Scanner]) -> type[ScanEncoder]:
    """Return the encoder ``scan-NAME``, which has the scanner's options and ``swept_background``."""
    hints = get_type_hints(scanner)
    described = []
    for each in fields(cast(Any, scanner)):
        default: dict[str, Any] = {"metadata": each.metadata}
        if each.default is not MISSING:
            default["default"] = each.default
        elif each.default_factory is not MISSING:
            default["default_factory"] = each.default_factory
        described.append((each.name, hints[each.name], field(**default)))
    described.append(("swept_background", float, field(default=0.0)))
    name = f"scan-{scanner.name}"
    first_line = (scanner.__doc__ or "").strip().partition("\n")[0]
    members = {
        "__doc__": f"As a feature: {first_line}",
        "name": name,
        "scanner_class": scanner,
        "citations": scanner.citations,
        "default_model": name,
    }
    made = make_dataclass(
        f"Scan{scanner.__name__}", described, bases=(ScanEncoder,), namespace=members, frozen=True
    )
    made.__module__ = scanner.__module__  # its code is the scanner's: that is what results are filed under
    return cast(type[ScanEncoder], made)


@cache
def scan_model(scanner: type[Scanner]) -> type[ScanModel]:
    """Return the model ``scan-NAME``, which has no options."""
    name = f"scan-{scanner.name}"
    first_line = (scanner.__doc__ or "").strip().partition("\n")[0]
    members = {
        "__doc__": f"As a method: {first_line}",
        "__module__": scanner.__module__,
        "__reduce__": lambda self: (_rebuilt_model, (scanner,), vars(self)),
        "name": name,
        "scanner_class": scanner,
        "default_encoder": name,
        "citations": scanner.citations,
    }
    made = new_class(
        f"Scan{scanner.__name__}Model", (ScanModel,), exec_body=lambda space: space.update(members)
    )
    return cast(type[ScanModel], dataclass(frozen=True)(made))


def _rebuilt(scanner: type[Scanner], options: Mapping[str, Any]) -> ScanEncoder:
    return scan_encoder(scanner)(**options)


def _rebuilt_model(scanner: type[Scanner]) -> ScanModel:
    return scan_model(scanner)()
