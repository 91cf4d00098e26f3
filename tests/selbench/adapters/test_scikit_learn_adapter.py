"""A scikit-learn classifier becomes a model; bad features and bad files are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import DataError, Encoder, Examples, FeatureSpec, PluginError, Windows, WindowSpec
from selbench.adapters.scikit_learn import PREDICTION_BLOCK, ScikitLearnModel
from selbench.foreign.estimators import estimator_bytes
from selbench.testing import ModelContract, random_windows

FILE = "estimator.skops"


@dataclass(frozen=True)
class SiteFacts(Encoder):
    """Four numbers per window, the third of them constant."""

    name = "site-facts"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((2, 2), "float64", ("row", "column"), ("sites", "derived"))

    def encode(self, windows: Windows) -> NDArray[np.float64]:
        derived = [haplotypes.mean() if len(haplotypes) else 0.0 for haplotypes, _ in windows]
        n = len(windows)
        columns = [windows.n_sites, np.reshape(derived, n), np.full(n, 7.0), windows.n_sites**2]
        return np.stack(columns, axis=1).astype(np.float64).reshape(n, 2, 2)


@dataclass(frozen=True)
class NaiveBayes(ScikitLearnModel):
    """Gaussian naive Bayes, as a third party would write it."""

    name = "naive-bayes"
    default_encoder = "site-facts"

    def estimator(self, *, seed: int) -> Any:
        from sklearn.naive_bayes import GaussianNB

        return GaussianNB()


@dataclass(frozen=True)
class Wrapped(ScikitLearnModel):
    """Whatever estimator a test brings."""

    name = "wrapped"
    default_encoder = "site-facts"
    build: Callable[[int], Any]

    def estimator(self, *, seed: int) -> Any:
        return self.build(seed)


class TestNaiveBayesContract(ModelContract):
    component = NaiveBayes()
    encoder = SiteFacts()


def forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(10, random_state=seed)


def boosting(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=10, random_state=seed)


def logistic(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def calibrated_svm(seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC

    return CalibratedClassifierCV(SVC(), cv=3, ensemble=False)


def perceptron(seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((5,), max_iter=20, random_state=seed)


def searched(seed: int) -> Any:
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    return GridSearchCV(calibrated_svm(seed), {"estimator": [SVC(C=0.1), SVC(C=10)]}, cv=2)


def voting(seed: int) -> Any:
    from sklearn.ensemble import VotingClassifier

    return VotingClassifier([("a", logistic(seed)), ("b", forest(seed))], voting="soft")


def neighbours(seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(algorithm="brute")


def gaussian_process(seed: int) -> Any:
    from sklearn.gaussian_process import GaussianProcessClassifier

    return GaussianProcessClassifier(max_iter_predict=5, optimizer=None)


ESTIMATORS = [
    forest, boosting, logistic, calibrated_svm, perceptron, searched, voting, neighbours, gaussian_process,
]  # fmt: skip


def examples(windows: Windows, classes: tuple[str, ...] = ("neutral", "sweep")) -> Examples:
    encoder = SiteFacts()
    return Examples(windows, encoder.encode, encoder.feature_spec(windows.spec), classes)


def fit(model: ScikitLearnModel, train: Examples) -> Any:
    return model.fit(train, train, seed=3, progress=lambda fraction, words: None)


def write_unchecked(predictor: Any, folder: Path) -> None:
    """Write what `save` would refuse, as whoever means harm would."""
    saved = {"estimator": predictor.estimator, "varies": predictor.varies, "n_classes": predictor.n_classes}
    (folder / FILE).write_bytes(estimator_bytes(saved))


@pytest.fixture(scope="module")
def train() -> Examples:
    return examples(random_windows(PREDICTION_BLOCK + 50, seed=8, labels=True))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("build", ESTIMATORS)
def test_probabilities_are_exact_whatever_the_batch_and_after_loading(
    build: Callable[[int], Any], train: Examples, tmp_path: Path
) -> None:
    predictor = fit(Wrapped(build), train)
    features = train.to_array()
    together = predictor.predict_proba(features)
    for rows in ([0], [57], range(40, 47), range(200, PREDICTION_BLOCK + 1)):
        np.testing.assert_array_equal(predictor.predict_proba(features[rows]), together[rows])
    predictor.save(tmp_path)
    np.testing.assert_array_equal(Wrapped(build).load(tmp_path).predict_proba(features), together)


def test_probabilities_are_the_estimators_own(train: Examples) -> None:
    from sklearn.naive_bayes import GaussianNB

    features = train.to_array().reshape(len(train), -1)[:, [0, 1, 3]]
    expected = GaussianNB().fit(features, train.labels).predict_proba(features)
    found = fit(NaiveBayes(), train).predict_proba(train.to_array())
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_a_constant_feature_is_left_out_and_said(train: Examples) -> None:
    predictor = fit(NaiveBayes(), train)
    assert predictor.varies.tolist() == [True, True, False, True]
    assert predictor.remarks == ("left out 1 of 4 features, constant over the training windows",)
    named = replace(train.spec, shape=(4,), names=("sites", "derived", "length", "fixed"))
    flat = Examples(train.windows, lambda windows: train.encode(windows).reshape(-1, 4), named, train.classes)
    assert fit(NaiveBayes(), flat).remarks[0].endswith("training windows: length")
    varied = replace(train.spec, shape=(2,))
    assert not fit(
        NaiveBayes(),
        Examples(train.windows, lambda windows: train.encode(windows)[:, 0], varied, train.classes),
    ).remarks


def test_features_that_are_all_constant_are_refused() -> None:
    alike = random_windows(10, seed=1).take([2] * 6)
    windows = replace(alike, labels=np.array(["neutral", "sweep"] * 3))
    with pytest.raises(DataError, match="found 4 constant"):
        fit(NaiveBayes(), examples(windows))


def test_windows_of_one_class_or_none_are_refused() -> None:
    windows = random_windows(20, seed=1, labels=True)
    with pytest.raises(DataError, match="found neutral"):
        fit(NaiveBayes(), examples(windows.take(windows.labels == "neutral")))
    with pytest.raises(DataError, match="found no windows"):
        fit(NaiveBayes(), examples(windows.take([])))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused_in_training_and_prediction(
    train: Examples, bad: float
) -> None:
    features = train.to_array()
    features[4, 1, 0] = bad
    broken = Examples(train.windows, lambda windows: features[: len(windows)], train.spec, train.classes)
    with pytest.raises(DataError, match="in window 4, feature 1 0"):
        fit(NaiveBayes(), broken)
    with pytest.raises(DataError, match="in window 4, feature 2"):
        fit(NaiveBayes(), train).predict_proba(features)


def test_features_of_another_number_are_refused(train: Examples) -> None:
    with pytest.raises(DataError, match="expected 4 per window, found 2"):
        fit(NaiveBayes(), train).predict_proba(train.to_array()[:, 0])


def test_columns_follow_the_classes_even_if_one_was_never_seen() -> None:
    windows = random_windows(40, seed=2, labels=True)
    predictor = fit(NaiveBayes(), examples(windows, ("neutral", "balancing", "sweep")))
    probabilities = predictor.predict_proba(examples(windows).to_array())
    assert probabilities.shape == (40, 3)
    assert (probabilities[:, 1] == 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("kind", ["RidgeClassifier", "SVC"])
def test_an_estimator_without_probabilities_is_refused(kind: str, train: Examples) -> None:
    from sklearn.utils import all_estimators

    estimator = dict(all_estimators(type_filter="classifier"))[kind]
    with pytest.raises(PluginError, match="CalibratedClassifierCV"):
        fit(Wrapped(lambda seed: estimator()), train)


def test_the_seed_reaches_the_estimator(train: Examples) -> None:
    model, features = Wrapped(forest), train.to_array()
    seeded = [
        model.fit(train, train, seed=seed, progress=lambda fraction, words: None).predict_proba(features)
        for seed in (2**40 + 1, 2**40 + 1, 2)
    ]
    np.testing.assert_array_equal(seeded[0], seeded[1])
    assert (seeded[0] != seeded[2]).any()


def test_a_type_that_is_not_on_the_list_is_neither_saved_nor_loaded(train: Examples, tmp_path: Path) -> None:
    from sklearn.neighbors import KNeighborsClassifier
    from skops.io import dump

    with pytest.raises(PluginError, match=r'KDTree.*neighbours need algorithm="brute"'):
        fit(Wrapped(lambda seed: KNeighborsClassifier()), train).save(tmp_path)
    assert not list(tmp_path.iterdir())
    dump({"estimator": Path("anything")}, tmp_path / FILE)
    with pytest.raises(DataError, match="may not contain"):
        NaiveBayes().load(tmp_path)


@pytest.mark.parametrize(("build", "child"), [(forest, "children_left"), (boosting, "left")])
def test_a_tree_that_leads_outside_itself_is_refused(
    build: Callable[[int], Any], child: str, train: Examples, tmp_path: Path
) -> None:
    predictor = fit(Wrapped(build), train)
    if build is forest:
        predictor.estimator.estimators_[3].tree_.children_left[0] = 10**6
    else:
        predictor.estimator._predictors[2][0].nodes["left"][0] = 10**6
    with pytest.raises(PluginError, match="would not come back"):
        predictor.save(tmp_path)
    write_unchecked(predictor, tmp_path)
    with pytest.raises(DataError, match="leads outside"):
        Wrapped(build).load(tmp_path)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("support_vectors_", lambda array: array[:, :1]),
        ("support_vectors_", lambda array: array[:-1]),
        ("_n_support", lambda array: array * 1000),
        ("_n_support", lambda array: array - array.max()),
        ("_dual_coef_", lambda array: array[:, :3]),
        ("_intercept_", lambda array: array[:0]),
        ("support_", lambda array: array[:-2]),
    ],
)
def test_support_vectors_that_lead_outside_themselves_are_refused(
    name: str, spoil: Callable[[Any], Any], train: Examples, tmp_path: Path
) -> None:
    predictor = fit(Wrapped(calibrated_svm), train)
    machine = predictor.estimator.calibrated_classifiers_[0].estimator
    setattr(machine, name, np.ascontiguousarray(spoil(getattr(machine, name))))
    with pytest.raises(PluginError, match="would not come back"):
        predictor.save(tmp_path)
    write_unchecked(predictor, tmp_path)
    with pytest.raises(DataError, match="support vectors lead outside"):
        Wrapped(calibrated_svm).load(tmp_path)


def behind_products(seed: int) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    return make_pipeline(PolynomialFeatures(2, include_bias=False), forest(seed))


def behind_bins(seed: int) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import KBinsDiscretizer

    bins = KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf", subsample=None)
    return make_pipeline(bins, forest(seed))


def behind_a_union(seed: int) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.preprocessing import StandardScaler

    union = make_union(StandardScaler(), PCA(2, random_state=seed))
    return make_pipeline(union, GradientBoostingClassifier(n_estimators=5, random_state=seed))


def stacked(seed: int) -> Any:
    from sklearn.ensemble import StackingClassifier

    return StackingClassifier(
        [("a", forest(seed)), ("b", boosting(seed))], forest(seed), passthrough=True, cv=2
    )


def randomly_searched(seed: int) -> Any:
    from scipy.stats import randint
    from sklearn.model_selection import RandomizedSearchCV

    return RandomizedSearchCV(forest(seed), {"max_depth": randint(1, 5)}, n_iter=2, cv=2, random_state=seed)


@pytest.mark.parametrize("build", [behind_products, behind_bins, behind_a_union, stacked, randomly_searched])
def test_trees_behind_a_transformer_come_back_as_they_were(
    build: Callable[[int], Any], train: Examples, tmp_path: Path
) -> None:
    """The trees see other features than those that come in: products of them, bins, guesses of others."""
    predictor = fit(Wrapped(build), train)
    predictor.save(tmp_path)
    features = train.to_array()
    np.testing.assert_array_equal(
        Wrapped(build).load(tmp_path).predict_proba(features), predictor.predict_proba(features)
    )


@pytest.mark.filterwarnings("ignore")
def test_every_classifier_of_scikit_learn_comes_back_equal_or_is_not_saved(
    train: Examples, tmp_path: Path
) -> None:
    """None is saved to be refused hours later, at the first scan."""
    from sklearn.utils import all_estimators

    saved, refused = [], []
    for name, kind in all_estimators(type_filter="classifier"):
        try:
            predictor = fit(Wrapped(lambda seed, kind=kind: kind()), train)
        except (
            TypeError,
            ValueError,
            PluginError,
        ):  # needs an estimator, other features, or has no probabilities
            continue
        folder = tmp_path / name
        folder.mkdir()
        try:
            predictor.save(folder)
        except PluginError:
            refused.append(name)
            continue
        loaded = NaiveBayes().load(folder)
        np.testing.assert_array_equal(
            loaded.predict_proba(train.to_array()), predictor.predict_proba(train.to_array()), name
        )
        saved.append(name)
    assert len(saved) >= 15, saved
    assert {"KNeighborsClassifier", "LabelPropagation"} <= set(refused)


def test_boosting_with_more_columns_of_trees_than_scores_is_refused(train: Examples, tmp_path: Path) -> None:
    """Its program writes one score per column of trees, past the end of the scores that there are."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = Wrapped(lambda seed: GradientBoostingClassifier(n_estimators=1, max_depth=1))
    predictor = fit(model, train)
    predictor.estimator.estimators_ = np.repeat(predictor.estimator.estimators_, 300, axis=1)
    with pytest.raises(PluginError, match="would not come back"):
        predictor.save(tmp_path)
    write_unchecked(predictor, tmp_path)
    with pytest.raises(DataError, match="damaged"):
        model.load(tmp_path)


def test_neighbours_of_classes_that_there_are_not_are_refused(train: Examples, tmp_path: Path) -> None:
    predictor = fit(Wrapped(neighbours), train)
    predictor.estimator._y = predictor.estimator._y + 1000
    with pytest.raises(PluginError, match="would not come back"):
        predictor.save(tmp_path)
    write_unchecked(predictor, tmp_path)
    with pytest.raises(DataError, match="neighbours lead outside"):
        Wrapped(neighbours).load(tmp_path)


def test_functions_are_neither_saved_nor_loaded(train: Examples, tmp_path: Path) -> None:
    """What a function does is the sender's choice, even of one that scikit-learn or numpy ships."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from skops.io import dump

    model = Wrapped(lambda seed: make_pipeline(FunctionTransformer(np.tanh), LogisticRegression()))
    predictor = fit(model, train)
    with pytest.raises(PluginError, match="may not contain"):
        predictor.save(tmp_path)
    dump({"estimator": predictor.estimator, "varies": predictor.varies, "n_classes": 2}, tmp_path / FILE)
    with pytest.raises(DataError, match="may not contain"):
        model.load(tmp_path)


def test_other_contents_are_refused(tmp_path: Path) -> None:
    from skops.io import dump

    for contents in ({"estimator": 1}, [1, 2]):
        dump(contents, tmp_path / FILE)
        with pytest.raises(DataError):
            NaiveBayes().load(tmp_path)


def test_a_flipped_byte_is_noticed(train: Examples, tmp_path: Path) -> None:
    fit(NaiveBayes(), train).save(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    expected = NaiveBayes().load(tmp_path).predict_proba(train.to_array())
    rng = np.random.default_rng(4)
    refused = 0
    for at in rng.integers(0, len(whole), 60):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        (tmp_path / FILE).write_bytes(damaged)
        try:
            loaded = NaiveBayes().load(tmp_path)
        except DataError:
            refused += 1
        else:  # a byte that zip does not use: a date, a name
            np.testing.assert_array_equal(loaded.predict_proba(train.to_array()), expected)
    assert refused > 30
