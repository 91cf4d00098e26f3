"""Fitted scikit-learn estimators as files: skops, with a fixed list of types, never pickle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np

from selbench.errors import DataError, PluginError

TRUSTED_TYPES = (
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
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)
"""Parts of fitted classifiers that skops does not trust by itself: data without behaviour.

Trees and the arrays of support vectors are followed by index without a bounds
check: see `check_indices`. Neighbour trees (KDTree, BallTree) are as well, in ways
that cannot be checked from outside, and are not on the list.
"""


def save_estimator(saved: dict[str, Any], path: Path) -> None:
    """Write a table of fitted estimators, arrays and numbers.

    Raises
    ------
    PluginError
        If it holds types that `load_estimator` would refuse.
    """
    from skops.io import dumps, get_untrusted_types

    data = dumps(saved, compression=ZIP_DEFLATED, compresslevel=1)
    refused = sorted(set(get_untrusted_types(data=data)) - set(TRUSTED_TYPES))
    if refused:
        advice = 'neighbours need algorithm="brute"' if "Tree" in " ".join(refused) else "choose another"
        raise PluginError(
            f"{type(saved.get('estimator')).__name__}: holds {', '.join(refused)}, which saved "
            f"predictors may not contain, for they could harm whoever loads them; {advice}"
        )
    path.write_bytes(data)


def load_estimator(path: Path) -> dict[str, Any]:
    """Read what `save_estimator` wrote.

    Raises
    ------
    DataError
        If the file is missing, damaged, or holds a type that is not on the list.
    """
    from skops.io import get_untrusted_types, load

    if not path.is_file():
        raise DataError(f"{path}: expected a saved estimator, found no such file; train it again")
    try:
        refused = sorted(set(get_untrusted_types(file=path)) - set(TRUSTED_TYPES))
        saved = None if refused else load(path, trusted=list(TRUSTED_TYPES))
    except (
        Exception
    ) as problem:  # a damaged file breaks zipfile, json, numpy or scikit-learn, each in its way
        reason = f"{type(problem).__name__}: {problem}".splitlines()[0]
        raise DataError(f"{path}: damaged ({reason}); train it again") from problem
    if refused:
        raise DataError(f"{path}: holds {', '.join(refused)}, which a saved predictor may not contain")
    if not isinstance(saved, dict):
        raise DataError(f"{path}: expected a saved estimator, found {type(saved).__name__}")
    return saved


def check_indices(estimator: Any, n_features: int, path: Path) -> None:
    """Refuse a loaded estimator whose trees or support vectors lead outside themselves or their features.

    Raises
    ------
    DataError
    """
    for part in _parts(estimator):
        if type(part).__name__ in ("Tree", "TreePredictor"):
            if not _stays_inside(part, n_features):
                raise DataError(f"{path}: damaged (a decision tree leads outside itself); train it again")
        elif hasattr(part, "support_vectors_") and not _fits_together(part):
            raise DataError(f"{path}: damaged (support vectors lead outside themselves); train it again")


def _parts(value: Any) -> Iterator[Any]:
    """Find every tree and estimator inside nested estimators, containers and object arrays."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        for item in value:
            yield from _parts(item)
    elif type(value).__name__ in ("Tree", "TreePredictor"):
        yield value
    elif type(value).__module__.startswith("sklearn."):
        yield value
        yield from _parts(getattr(value, "__dict__", {}))


def _fits_together(machine: Any) -> bool:
    """Say whether the arrays of a support vector machine are as long as its program will read them."""
    vectors, per_class = machine.support_vectors_, machine._n_support
    n_classes, n_vectors, n_features = len(per_class), int(per_class.sum()), machine.n_features_in_
    n_pairs = n_classes * (n_classes - 1) // 2
    return bool(
        per_class.min() >= 0
        and len(getattr(machine, "classes_", ())) == n_classes
        and vectors.shape == (n_vectors, n_features)
        and len(machine.support_) == n_vectors
        and machine._dual_coef_.shape == machine.dual_coef_.shape == (n_classes - 1, n_vectors)
        and len(machine._intercept_) == len(machine.intercept_) == n_pairs
        and len(machine._probA) in (0, n_pairs)
        and len(machine._probB) == len(machine._probA)
        and isinstance(machine.kernel, str)
        and machine.shape_fit_[1] == n_features
    )


def _stays_inside(tree: Any, n_features: int) -> bool:
    """Say whether every branch asks for a feature there is and leads to a later node."""
    if hasattr(tree, "nodes"):
        nodes = tree.nodes
        branches = nodes["is_leaf"] == 0
        left, right, feature = nodes["left"], nodes["right"], nodes["feature_idx"]
        categories = nodes["bitset_idx"][nodes["is_categorical"] == 1]
        if (categories >= len(tree.raw_left_cat_bitsets)).any():
            return False
    else:
        left, right, feature = tree.children_left, tree.children_right, tree.feature
        branches = left != -1
    own = np.arange(len(branches))
    inside = (left > own) & (right > own) & (np.maximum(left, right) < len(own))
    return bool((inside & (feature >= 0) & (feature < n_features))[branches].all())
