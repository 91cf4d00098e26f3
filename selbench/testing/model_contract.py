"""What every model keeps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench.errors import SelbenchError
from selbench.plugin import Encoder, Model, Predictor, parse_spelling, spelling
from selbench.testing.component_contract import ComponentContract
from selbench.testing.small_windows import random_windows
from selbench.windows import Examples, Windows


def _silent(fraction: float, message: str) -> None:
    assert 0 <= fraction <= 1 + 1e-9
    assert isinstance(message, str)


_RELOAD = """
import sys
from collections.abc import Mapping
from pathlib import Path
import numpy as np
from selbench import Registry
folder = Path(sys.argv[1])
model = Registry.installed().models.build(sys.argv[2])
probabilities = model.load(folder / "predictor").predict_proba(np.load(folder / "features.npy"))
np.save(folder / "probabilities.npy", probabilities)
"""


class ModelContract(ComponentContract):
    """What every model keeps.

    Attributes
    ----------
    component : Model
    encoder : Encoder
        Makes the features that the model is tried on.
    windows : Windows
        Labelled training windows; classes ``neutral`` and ``sweep``.
    is_constant : bool
        Whether it says the same of every window, as no method but a floor for others does.
    reload_in_new_process : bool
        Also load the saved predictor in a fresh Python, through the installed registry.
    """

    given: ClassVar[Mapping[str, str]] = {
        **ComponentContract.given,
        "encoder": "what makes the features that the model is tried on",
    }
    component: ClassVar[Model]
    encoder: ClassVar[Encoder]
    windows: ClassVar[Windows] = random_windows(120, seed=5, labels=True)
    is_constant: ClassVar[bool] = False
    reload_in_new_process: ClassVar[bool] = False
    tolerance: ClassVar[float] = 1e-5

    def examples(self, windows: Windows) -> Examples:
        spec = self.encoder.feature_spec(windows.spec)
        return Examples(windows, self.encoder.encode, spec, ("neutral", "sweep"))

    def fit(self, seed: int = 11) -> Predictor:
        train = self.examples(self.windows.take(slice(0, 64)))
        validation = self.examples(self.windows.take(slice(80, 120)))
        return self.component.fit(train, validation, seed=seed, progress=_silent)

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls) -> Predictor:
        return cls().fit()

    @pytest.fixture(scope="class")
    @classmethod
    def features(cls) -> NDArray[Any]:
        return cls.encoder.encode(cls.windows)

    def test_it_takes_these_features(self) -> None:
        assert self.component.unsupported(self.encoder.feature_spec(self.windows.spec)) is None

    def test_its_default_encoder_is_a_spelling(self) -> None:
        name, _ = parse_spelling(self.component.default_encoder)
        assert name

    def test_rows_are_probabilities(self, fitted: Predictor, features: NDArray[Any]) -> None:
        probabilities = fitted.predict_proba(features)
        assert probabilities.shape == (len(features), 2)
        assert probabilities.dtype == np.float32
        answered = probabilities[~(np.isnan(probabilities).all(axis=1) & fitted.may_decline)]
        assert len(answered), "every window was declined"
        assert np.isfinite(answered).all()
        assert (answered >= 0).all()
        np.testing.assert_allclose(answered.sum(axis=1), 1, atol=1e-5)

    def test_not_every_window_is_judged_alike(self, fitted: Predictor, features: NDArray[Any]) -> None:
        probabilities = fitted.predict_proba(features)
        probabilities = probabilities[~np.isnan(probabilities).all(axis=1)]
        assert self.is_constant or (probabilities != probabilities[:1]).any(), "one answer for every window"

    def test_no_windows_give_no_rows(self, fitted: Predictor, features: NDArray[Any]) -> None:
        assert fitted.predict_proba(features[:0]).shape == (0, 2)

    def test_a_window_is_judged_alike_in_any_batch(self, fitted: Predictor, features: NDArray[Any]) -> None:
        together = fitted.predict_proba(features)
        for rows in (slice(0, 1), slice(5, 12), slice(30, 31)):
            np.testing.assert_allclose(
                fitted.predict_proba(features[rows]), together[rows], atol=self.tolerance
            )

    def test_the_same_seed_gives_the_same_predictor(self, fitted: Predictor, features: NDArray[Any]) -> None:
        np.testing.assert_array_equal(self.fit().predict_proba(features), fitted.predict_proba(features))

    def test_saving_and_loading_changes_nothing(
        self, fitted: Predictor, features: NDArray[Any], tmp_path: Path
    ) -> None:
        folder = tmp_path / "predictor"
        folder.mkdir()
        fitted.save(folder)
        again = self.component.load(folder)
        expected = fitted.predict_proba(features)
        np.testing.assert_array_equal(again.predict_proba(features), expected)
        if self.reload_in_new_process:
            np.save(tmp_path / "features.npy", features)
            command = [sys.executable, "-c", _RELOAD, str(tmp_path), spelling(self.component)]
            subprocess.run(command, check=True, timeout=120)
            elsewhere = np.load(tmp_path / "probabilities.npy")
            np.testing.assert_allclose(elsewhere, expected, atol=self.tolerance)

    def test_a_damaged_folder_is_refused_in_one_line(self, fitted: Predictor, tmp_path: Path) -> None:
        whole = tmp_path / "whole"
        whole.mkdir()
        fitted.save(whole)
        for name in sorted(path.name for path in whole.iterdir()):
            folder = tmp_path / f"cut-{name}"
            folder.mkdir()
            for path in whole.iterdir():
                content = path.read_bytes()
                (folder / path.name).write_bytes(
                    content[: len(content) // 2] if path.name == name else content
                )
            with pytest.raises(SelbenchError) as caught:
                self.component.load(folder)
            assert "\n" not in str(caught.value)
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(SelbenchError):
            self.component.load(empty)
