"""TrainedMethod: an encoder and a fitted predictor with the contract they were trained under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, SelbenchError, UnsupportedError
from selbench.files import complete_folder
from selbench.foreign.arrays import read_npz
from selbench.plugin import (
    Encoder,
    Learned,
    Model,
    Predictor,
    Registry,
    differences,
    method_spelling,
    spelling,
)
from selbench.plugin.faults import place_in
from selbench.trained.description import (
    MethodDescription,
    read_description,
    versions_of,
    write_description,
)
from selbench.trained.null import NULL_FILE, NullScores, null_text, read_null
from selbench.windows import Examples, FeatureSpec, Polarisation, Windows, WindowSpec

if TYPE_CHECKING:
    from selbench.scan import ScanResult

_PREDICTOR_FOLDER = "predictor"
_LEARNED_FILE = "encoder.npz"
_ROUNDING = 1e-3
"""How far the probabilities of a window may be from a sum of 1."""


@dataclass(frozen=True, eq=False, repr=False)
class TrainedMethod:
    """What is saved, loaded and asked about new windows.

    Parameters
    ----------
    encoder : Encoder
    model : Model
        The model that the predictor was fitted by; it rebuilds the predictor when loading.
    predictor : Predictor
    description : MethodDescription
        What it says of itself: the windows and classes that it was trained on, their ranges, versions.
    learned : mapping of str to array
        What the encoder had to learn of the training windows before it could encode.
    folder : Path, optional
        It was loaded from.
    null_scores : NullScores, optional
        What it says of windows without selection: a run puts them beside the method when it ends.
    """

    encoder: Encoder
    model: Model
    predictor: Predictor
    description: MethodDescription
    learned: Learned = field(default_factory=dict)
    folder: Path | None = None
    null_scores: NullScores | None = None

    def __repr__(self) -> str:
        return f"TrainedMethod: {self.spelling}, {' / '.join(self.classes)}, windows of {self.spec}"

    @property
    def spec(self) -> WindowSpec:
        """The windows it was trained on; it refuses others."""
        return self.description.windows

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the probability columns; the null class first."""
        return self.description.classes

    @property
    def null(self) -> str:
        """The null class (neutral)."""
        return self.description.roles.null

    @property
    def positive(self) -> str:
        """The class whose probability a scan reports."""
        return self.description.positive

    @property
    def empty_windows(self) -> Literal["keep", "drop"]:
        """Whether windows without sites were among the training windows."""
        return self.description.empty_windows

    @property
    def polarisation(self) -> Polarisation:
        """What a 0 meant in the training windows."""
        return self.description.polarisation

    @property
    def training_range(self) -> Mapping[str, tuple[float, float]]:
        """Central 99.8 % of each statistic over the training windows."""
        return self.description.training_range

    @property
    def class_ranges(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """The same within each class, by class; empty where that was not kept."""
        return self.description.class_ranges

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Task, repetition, seed: for people, not for the code."""
        return self.description.provenance

    @property
    def versions(self) -> Mapping[str, str]:
        """Of Python, the libraries and plugins that it was trained with."""
        return self.description.versions

    @property
    def spelling(self) -> str:
        """The method as the command line spells it: ``encoder+model``, or once where both are one thing."""
        return method_spelling(self.encoder, self.model)

    def predict(self, windows: Windows) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n_windows, n_classes), columns as `classes`.

        A row of NaN is a window that the method declines.

        Raises
        ------
        DataError
            If the windows are of another sample size or length than those trained on, or
            what the predictor says are not probabilities of the classes.
        UnsupportedError
            If the encoder cannot take their polarisation.
        """
        return self.predict_features(self.examples(windows).batches())

    def examples(self, windows: Windows) -> Examples:
        """Return windows as the encoder shows them to the model; errors as `predict`."""
        self.check(windows.spec)
        reason = self.encoder.unsupported(windows.spec, windows.polarisation)
        if reason:
            raise UnsupportedError(f"{spelling(self.encoder)}: {reason}")
        self.encoder.check_takes(windows)
        return Examples(
            windows,
            lambda batch: self.encoder.encode_with(batch, self.learned),
            self.encoder.feature_spec(windows.spec),
            self.classes,
            encoded_by=f"encoder {spelling(self.encoder)}",
        )

    def predict_features(self, batches: Iterable[NDArray[Any]]) -> NDArray[np.float32]:
        """Return what `predict` does of windows that are encoded already, batch by batch."""
        said = [self._checked(self.predictor.predict_proba(batch), len(batch)) for batch in batches]
        none = np.empty((0, len(self.classes)), dtype=np.float32)
        return np.concatenate([none, *said], dtype=np.float32, casting="same_kind")

    def _checked(self, probabilities: NDArray[Any], n_windows: int) -> NDArray[Any]:
        expected = (n_windows, len(self.classes))
        is_array = isinstance(probabilities, np.ndarray)
        if not is_array or probabilities.shape != expected:
            shape = f"an array of shape {probabilities.shape}" if is_array else type(probabilities).__name__
            raise DataError(
                f"{self.spelling}: expected probabilities of {' and '.join(self.classes)} for {n_windows} "
                f"windows, an array of shape {expected}, found {shape}"
            )
        sums = probabilities.sum(axis=1, dtype=np.float64)
        is_right = (probabilities >= 0).all(axis=1) & (np.abs(sums - 1) <= _ROUNDING)  # one NaN is wrong, too
        declined = np.isnan(probabilities).all(axis=1) & self.predictor.may_decline
        is_wrong = ~(is_right | declined)
        if is_wrong.any():
            found = " ".join(f"{p:g}" for p in probabilities[is_wrong.argmax()].tolist())
            raise DataError(f"{self.spelling}: expected probabilities that sum to 1, found {found}")
        return probabilities

    def check(self, spec: WindowSpec) -> None:
        """Refuse windows of another sample size or length than those trained on, naming both.

        Ploidy may differ: it says whose the haplotypes are, not what they carry.
        """
        if spec.n_haplotypes != self.spec.n_haplotypes:
            raise DataError(
                f"this predictor was trained on {self.spec.n_haplotypes} haplotypes per window; "
                f"these windows have {spec.n_haplotypes}"
            )
        if spec.sequence_length != self.spec.sequence_length:
            raise DataError(
                f"this predictor was trained on windows of {self.spec.sequence_length} bp; "
                f"these are {spec.sequence_length} bp long"
            )

    def scan(
        self,
        vcf: str | Path,
        *,
        individuals: Sequence[str] | None = None,
        draw: int | None = None,
        seed: int = 1,
        polarise: Literal["aa", "ref", "major"] | None = None,
        region: str | None = None,
        step_bp: int | None = None,
    ) -> ScanResult:
        """Ask about every window along a genome, in windows of the length that the method was trained on.

        Parameters
        ----------
        vcf : path
            Phased genotypes: ``.vcf``, ``.vcf.gz`` or ``.bcf``, index or not.
        individuals : sequence of str, optional
            As many as the method was trained on; by default all of the file.
        draw, seed : int
            Or so many at random.
        polarise : {"aa", "ref", "major"}, optional
            0 is the ancestral allele of INFO/AA, the reference allele, or the more frequent one; by
            default "aa" where the file has such alleles.
        region : str, optional
            ``chr``, ``chr:from-`` or ``chr:from-to``, 1-based and inclusive.
        step_bp : int, optional
            Distance between the starts of windows; their length by default.

        Returns
        -------
        result : ScanResult
            Its ``table`` has a row per window: where, the probability of the positive class, why it was
            skipped, and whether it lies outside what the method was trained on.

        Raises
        ------
        DataError, UnsupportedError
            If the file is damaged, or does not fit the method.
        """
        from selbench.bench.scanning import scan

        return scan(
            self, vcf, individuals=individuals, draw=draw, seed=seed, polarise=polarise, region=region,
            step_bp=step_bp, progress=False,
        ).result  # fmt: skip

    def repetition(self, number: int) -> TrainedMethod:
        """Load the same method of the same run as another repetition trained it.

        Raises
        ------
        DataError
            If there is no such repetition, or the method was not loaded from a run.
        """
        from selbench.run_folder.names import predictor_name_of

        name = None if self.folder is None else predictor_name_of(self.folder.name, number)
        if self.folder is None or name is None:
            raise DataError(f"{self.spelling}: expected a method loaded from a run, which has repetitions")
        other = self.folder.with_name(name)
        if not other.is_dir():
            raise DataError(f"{self.folder.parent}: expected repetition {number} as {name}, found none")
        return TrainedMethod.load_with(other, self.encoder, self.model)

    def save(self, directory: str | Path) -> None:
        """Write the method into a folder that does not exist yet or is empty, whole or not at all.

        Raises
        ------
        FileExistsError
            If a method lies there already.
        DataError
            If something else lies there, or the folder cannot be written.
        """
        directory = Path(directory)
        if (directory / _PREDICTOR_FOLDER).exists():
            raise FileExistsError(f"{directory}: holds a trained method; remove it, or name another folder")
        with complete_folder(directory) as made:
            (made / _PREDICTOR_FOLDER).mkdir()
            self.predictor.save(made / _PREDICTOR_FOLDER)
            if self.learned:
                np.savez(made / _LEARNED_FILE, **cast(Any, self.learned))
            write_description(self.description, made)
            if self.null_scores is not None:
                (made / NULL_FILE).write_bytes(null_text(self.null_scores))

    @classmethod
    def load(cls, directory: Path, registry: Registry) -> TrainedMethod:
        """Load what `save` wrote, and ask it about a window without sites. No code is run from the folder.

        Raises
        ------
        DataError
            If the folder is not a saved method, a file of it is damaged, or the versions
            installed cannot read it.
        PluginError
            If the plugin of its encoder or model is not installed.
        """
        described = read_description(directory)
        return cls._rebuilt(
            directory,
            described,
            registry.encoders.make(described.encoder.name, described.encoder.options),
            registry.models.make(described.model.name, described.model.options),
        )

    @classmethod
    def load_with(cls, directory: Path, encoder: Encoder, model: Model) -> TrainedMethod:
        """Load what `save` wrote, its encoder and model being known."""
        return cls._rebuilt(directory, read_description(directory), encoder, model)

    @classmethod
    def _rebuilt(
        cls, directory: Path, described: MethodDescription, encoder: Encoder, model: Model
    ) -> TrainedMethod:
        if not (directory / _PREDICTOR_FOLDER).is_dir():
            raise DataError(f"{directory}: expected a folder {_PREDICTOR_FOLDER}, found none; train it again")
        try:
            predictor = model.load(directory / _PREDICTOR_FOLDER)
            learned = _read_learned(directory / _LEARNED_FILE)
            method = cls(encoder, model, predictor, described, learned, directory, read_null(directory))
            method._try_out()
        except Exception as problem:  # whatever a damaged file, or one of another version, breaks
            now = versions_of(encoder, model)
            own = {type(part).__module__.partition(".")[0] for part in (encoder, model)}
            place = place_in(problem, *own)
            raise _unreadable(directory, problem, place, differences(described.versions, now)) from problem
        return method

    def _try_out(self) -> None:
        """Ask about a window without sites: a predictor that is damaged shows it here and not later."""
        if reason := self.encoder.unsupported(self.spec, self.polarisation):
            raise UnsupportedError(f"{spelling(self.encoder)}: {reason}")
        learned, given = self.predictor.features, self.encoder.feature_spec(self.spec)
        if learned is not None and learned != given:
            raise DataError(f"expected a predictor of {_said(given)}, found one of {_said(learned)}")
        nothing = np.empty((0, self.spec.n_haplotypes), dtype=np.uint8)
        empty = Windows.from_arrays(
            [nothing],
            [np.empty(0)],
            sequence_length=self.spec.sequence_length,
            ploidy=self.spec.ploidy,
            polarisation=self.polarisation,
        )
        self.predict(empty)


def _read_learned(path: Path) -> Learned:
    return (
        read_npz(path, expected="what an encoder learned", way_out="train it again") if path.exists() else {}
    )


def _said(features: FeatureSpec) -> str:
    return f"{features.dtype} features {features.shape}, {' × '.join(features.axes)}"


def _unreadable(directory: Path, problem: Exception, place: str, other_versions: str) -> SelbenchError:
    """Return the error of a predictor that cannot be loaded: where in a plugin, which versions may be why."""
    why = f" (trained with {other_versions})" if other_versions else ""
    if isinstance(problem, SelbenchError):
        where = "" if str(directory) in str(problem) else f"{directory}: "
        return type(problem)(f"{where}{problem}{why}")
    words = f"{type(problem).__name__}: {problem}".splitlines()[0] + (f" ({place})" if place else "")
    return DataError(f"{directory}: damaged, or of another version: {words}{why}; train it again")
