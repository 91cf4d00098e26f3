"""The scikit-learn estimators that a saved predictor may be made of, each with what must hold of its arrays.

A fitted estimator read from a stranger's file is numbers in arrays; most kinds use
them through numpy, which keeps inside its arrays. Trees, support vectors, both
boostings and neighbours hand them to compiled code that follows indices without a
look at bounds: there, a wrong number reads or writes somebody else's memory. So the
list is closed, and each kind of that sort has a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from selbench.errors import DataError

Check = Callable[[Any], bool]


def check_arrays(fitted: Any) -> None:
    """Refuse an estimator whose arrays lead compiled code outside of them.

    Parameters
    ----------
    fitted : object
        An estimator, or containers of them, of types on the list.

    Raises
    ------
    DataError
        Naming the kind of the first part that does not hold together.
    """
    for part in _parts(fitted, set()):
        marker, check = CHECKED.get(_full_name(part), ("", None))
        if check is None or marker not in vars(part):  # what was never fitted cannot be asked
            continue
        try:
            holds = check(part)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
            raise DataError(f"damaged ({type(part).__name__}: {problem})") from problem
        if not holds:
            raise DataError(
                f"damaged ({_PHRASES.get(type(part).__name__, 'its arrays do not fit together')})"
            )


def _full_name(part: Any) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"


def _parts(value: Any, seen: set[int]) -> Iterator[Any]:
    """Find every estimator and part of one inside nested estimators, containers and object arrays."""
    if id(value) in seen:
        return
    if isinstance(value, dict):
        seen.add(id(value))
        for item in value.values():
            yield from _parts(item, seen)
    elif isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        seen.add(id(value))
        for item in value:
            yield from _parts(item, seen)
    elif type(value).__module__.startswith("sklearn."):
        seen.add(id(value))
        yield value
        yield from _parts(getattr(value, "__dict__", {}), seen)


def _tree_holds(estimator: Any) -> bool:
    """A decision tree asks for features that there are, leads to later nodes, and owns a value per node."""
    tree, n_features = estimator.tree_, estimator.n_features_in_
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    return bool(
        tree.n_features == n_features
        and tree.value.shape[0] == tree.node_count
        and _leads_inside(left, right, feature, left != -1, n_features)
    )


def _leads_inside(left: Any, right: Any, feature: Any, branches: Any, n_features: int) -> bool:
    own = np.arange(len(branches))
    inside = (left > own) & (right > own) & (np.maximum(left, right) < len(own))
    return bool(len(own) > 0 and (inside & (feature >= 0) & (feature < n_features))[branches].all())


def _forest_holds(forest: Any) -> bool:
    """The trees of a forest are asked without a look at the number of features: all have the forest's."""
    return all(tree.n_features_in_ == forest.n_features_in_ for tree in forest.estimators_)


def _boosting_holds(boosting: Any) -> bool:
    """Gradient boosting adds trees into one column of scores per class, or one for two classes.

    What `predict_stages` writes is ``out[row * columns of trees + column]``: as many columns of trees as the
    first guess has columns, and one value per node.
    """
    trees, n_classes = boosting.estimators_, len(boosting.classes_)
    columns = 1 if n_classes == 2 else n_classes
    guess = boosting._raw_predict_init(np.zeros((1, boosting.n_features_in_), dtype=np.float32))
    return bool(
        trees.ndim == 2
        and trees.dtype == object
        and trees.shape[1] == columns
        and guess.shape == (1, columns)
        and all(
            tree.n_features_in_ == boosting.n_features_in_ and tree.tree_.value.shape[1:] == (1, 1)
            for tree in trees.flat
        )
    )


def _histograms_hold(boosting: Any) -> bool:
    """Histogram boosting: every node of every tree leads inside, and no feature is categorical."""
    columns = 1 if len(boosting.classes_) == 2 else len(boosting.classes_)
    return bool(
        boosting.is_categorical_ is None
        and boosting._preprocessor is None
        and boosting.n_trees_per_iteration_ == columns
        and np.shape(boosting._baseline_prediction) == (1, columns)
        and all(
            len(trees) == columns and all(_nodes_hold(tree.nodes, boosting.n_features_in_) for tree in trees)
            for trees in boosting._predictors
        )
    )


def _nodes_hold(nodes: Any, n_features: int) -> bool:
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    feature = nodes["feature_idx"].astype(np.int64)
    return bool(
        nodes.ndim == 1
        and not nodes["is_categorical"].any()
        and _leads_inside(left, right, feature, nodes["is_leaf"] == 0, n_features)
    )


def _machine_holds(machine: Any) -> bool:
    """The arrays of a support vector machine are as long as its program will read them."""
    vectors, per_class = machine.support_vectors_, machine._n_support
    n_classes, n_vectors, n_features = len(per_class), int(per_class.sum()), machine.n_features_in_
    n_pairs = n_classes * (n_classes - 1) // 2
    return bool(
        per_class.min() >= 0
        and len(machine.classes_) == n_classes
        and vectors.shape == (n_vectors, n_features)
        and len(machine.support_) == n_vectors
        and machine._dual_coef_.shape == machine.dual_coef_.shape == (n_classes - 1, n_vectors)
        and len(machine._intercept_) == len(machine.intercept_) == n_pairs
        and len(machine._probA) in (0, n_pairs)
        and len(machine._probB) == len(machine._probA)
        and machine.kernel in ("linear", "poly", "rbf", "sigmoid")
        and not machine._sparse
        and machine.shape_fit_[1] == n_features
    )


def _neighbours_hold(neighbours: Any) -> bool:
    """Neighbours by brute force: a class code that there is for every row that there is."""
    rows, codes = neighbours._fit_X, neighbours._y
    return bool(
        neighbours._fit_method == "brute"
        and neighbours._tree is None
        and isinstance(neighbours.metric, str)
        and neighbours.metric in ("minkowski", "euclidean", "manhattan", "chebyshev", "cosine")
        and isinstance(rows, np.ndarray)
        and rows.shape == (neighbours.n_samples_fit_, neighbours.n_features_in_)
        and codes.shape == (len(rows),)
        and codes.dtype.kind == "i"
        and 0 <= codes.min() <= codes.max() < len(neighbours.classes_)
        and 0 < neighbours.n_neighbors <= len(rows)
    )


def _polynomial_holds(polynomial: Any) -> bool:
    """Products of features fill as many columns as are announced: not for any amount of memory."""
    return bool(0 < polynomial.n_output_features_ <= 10**6)


CHECKED: Mapping[str, tuple[str, Check]] = {
    "sklearn.tree._classes.DecisionTreeClassifier": ("tree_", _tree_holds),
    "sklearn.tree._classes.DecisionTreeRegressor": ("tree_", _tree_holds),
    "sklearn.tree._classes.ExtraTreeClassifier": ("tree_", _tree_holds),
    "sklearn.ensemble._forest.RandomForestClassifier": ("estimators_", _forest_holds),
    "sklearn.ensemble._forest.ExtraTreesClassifier": ("estimators_", _forest_holds),
    "sklearn.ensemble._gb.GradientBoostingClassifier": ("estimators_", _boosting_holds),
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": (
        "_predictors",
        _histograms_hold,
    ),
    "sklearn.svm._classes.SVC": ("support_vectors_", _machine_holds),
    "sklearn.svm._classes.NuSVC": ("support_vectors_", _machine_holds),
    "sklearn.neighbors._classification.KNeighborsClassifier": ("_fit_X", _neighbours_hold),
    "sklearn.preprocessing._polynomial.PolynomialFeatures": ("n_output_features_", _polynomial_holds),
}
"""Kinds whose arrays compiled code follows by index: the array that a fit leaves, and the check."""

_PHRASES = {
    **dict.fromkeys(
        (
            "DecisionTreeClassifier",
            "DecisionTreeRegressor",
            "ExtraTreeClassifier",
            "RandomForestClassifier",
            "ExtraTreesClassifier",
            "GradientBoostingClassifier",
            "HistGradientBoostingClassifier",
        ),
        "a decision tree leads outside itself",
    ),
    **dict.fromkeys(("SVC", "NuSVC"), "support vectors lead outside themselves"),
    "KNeighborsClassifier": "neighbours lead outside themselves",
}

_BY_NUMPY = (
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.decomposition._pca.PCA",
    "sklearn.decomposition._truncated_svd.TruncatedSVD",
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
    "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
    "sklearn.dummy.DummyClassifier",
    "sklearn.ensemble._bagging.BaggingClassifier",
    "sklearn.ensemble._stacking.StackingClassifier",
    "sklearn.ensemble._voting.VotingClassifier",
    "sklearn.ensemble._weight_boosting.AdaBoostClassifier",
    "sklearn.feature_selection._variance_threshold.VarianceThreshold",
    "sklearn.gaussian_process._gpc.GaussianProcessClassifier",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.kernel_approximation.Nystroem",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._logistic.LogisticRegressionCV",
    "sklearn.linear_model._ridge.RidgeClassifier",
    "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    "sklearn.multiclass.OneVsRestClassifier",
    "sklearn.naive_bayes.BernoulliNB",
    "sklearn.naive_bayes.ComplementNB",
    "sklearn.naive_bayes.GaussianNB",
    "sklearn.naive_bayes.MultinomialNB",
    "sklearn.neighbors._nearest_centroid.NearestCentroid",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
    "sklearn.pipeline.FeatureUnion",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.MaxAbsScaler",
    "sklearn.preprocessing._data.MinMaxScaler",
    "sklearn.preprocessing._data.Normalizer",
    "sklearn.preprocessing._data.PowerTransformer",
    "sklearn.preprocessing._data.QuantileTransformer",
    "sklearn.preprocessing._data.RobustScaler",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._discretization.KBinsDiscretizer",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.svm._classes.LinearSVC",
)
"""Estimators that use their arrays through numpy and scipy alone, whose bounds hold by themselves."""

_INSIDE = (
    "numpy.dtype",
    "_loss.CyHalfBinomialLoss",
    "_loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.ExponentialLoss",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Matern",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.gaussian_process.kernels.Sum",
    "sklearn.gaussian_process.kernels.WhiteKernel",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.preprocessing._label.LabelBinarizer",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)
"""Parts of fitted estimators: data without behaviour, or checked with the estimator that owns them."""

ALLOWED: frozenset[str] = frozenset((*CHECKED, *_BY_NUMPY, *_INSIDE))
"""Every class that a saved predictor may be made of."""
