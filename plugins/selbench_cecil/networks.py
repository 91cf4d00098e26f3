"""Cecil and Sugden's ladder of networks, down to a single kernel, and their DeepSet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, haplotype_input, not_haplotypes
from selbench.plugin import expect_above_zero
from selbench_cecil.citations import CECIL


@dataclass(frozen=True)
class _Trained(KerasModel):
    """How the study trains: Adam with 0.0001, batches of 64, 2 epochs, the best of ten fits."""

    citations = (CECIL,)
    default_encoder: ClassVar[str] = "cecil"

    epochs: int = 2
    batch_size: int = 64
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    learning_rate: float | tuple[float, ...] = 0.0001
    restarts: int = 10

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not haplotypes by sites, or leaves nothing after the convolutions."""
        reason = super().unsupported(features) or not_haplotypes(features)
        if reason is None:
            at = features.axes.index("haplotype")
            reason = self._too_small(features.shape[at], features.shape[1 - at])
        return reason

    def _too_small(self, n_haplotypes: int, n_sites: int) -> str | None:
        """Say why an image is too small for the network, or None."""
        raise NotImplementedError


@dataclass(frozen=True)
class CecilCnn(_Trained):
    """The ladder: convolutions, pooling and a dense layer, each of which can be taken away.

    As it comes, its top: three times Conv2D 32 @ 3×3 (valid, ReLU) and max pooling 2, a
    dense layer of 64 (ReLU), one sigmoid unit: 420,192 weights on 128×128. No layer has
    biases; weights start from N(0, 1); L1 and L2 penalties of 0.005 on the convolutions.
    The study's rungs: ``dense=0``; ``convolutions=2``, 1; ``filters=16``, 4;
    ``filters=4,kernel_columns=1``; one filter of 3×3, 2×2, 1×2, 2×1; ``pool=false``;
    ``relu=false``. The last is `CecilMiniCnn`.

    Parameters
    ----------
    convolutions, filters : int
    kernel_rows, kernel_columns : int
        Haplotypes and sites that a kernel sees.
    pool : bool
        Whether each convolution is followed by max pooling 2×2.
    relu : bool
        Whether convolutions are rectified.
    dense : int
        Units of the dense layer; 0: none.
    penalty : float
        Of L1 and of L2, on the kernels of the convolutions.
    """

    name: ClassVar[str] = "cecil-cnn"

    convolutions: int = 3
    filters: int = 32
    kernel_rows: int = 3
    kernel_columns: int = 3
    pool: bool = True
    relu: bool = True
    dense: int = 64
    penalty: float = 0.005

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_above_zero(
            convolutions=self.convolutions,
            filters=self.filters,
            kernel_rows=self.kernel_rows,
            kernel_columns=self.kernel_columns,
            dense=self.dense + 1,
            penalty=self.penalty + 1,
        )

    def _too_small(self, n_haplotypes: int, n_sites: int) -> str | None:
        """Follow both sides through the layers."""
        rows, columns = n_haplotypes, n_sites
        for _ in range(self.convolutions):
            rows, columns = rows - self.kernel_rows + 1, columns - self.kernel_columns + 1
            if self.pool:
                rows, columns = rows // 2, columns // 2
        if min(rows, columns) < 1:
            return f"nothing is left of {n_haplotypes} haplotypes × {n_sites} sites after its convolutions"
        return None

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers, regularizers

        inputs, hidden = haplotype_input(features)
        for _ in range(self.convolutions):
            hidden = layers.Conv2D(
                self.filters,
                (self.kernel_rows, self.kernel_columns),
                activation="relu" if self.relu else None,
                kernel_regularizer=regularizers.L1L2(self.penalty, self.penalty),
                **_bare(),
            )(hidden)
            if self.pool:
                hidden = layers.MaxPooling2D(2)(hidden)
        hidden = layers.Flatten()(hidden)
        if self.dense:
            hidden = layers.Dense(self.dense, activation="relu", **_bare())(hidden)
        return Model(inputs, class_output(hidden, n_classes, **_bare()))


@dataclass(frozen=True)
class CecilMiniCnn(CecilCnn):
    """The ladder's foot: one kernel over two neighbouring haplotypes, and a weight for each place.

    Conv2D 1 @ 2×1 (valid, ReLU), no pooling, one sigmoid unit: 16,258 weights on
    128×128. The study's warning: on sorted and resized images it does nearly as well as
    networks a thousand times its size. Training as `CecilCnn`.
    """

    name: ClassVar[str] = "cecil-mini-cnn"

    convolutions: int = 1
    filters: int = 1
    kernel_rows: int = 2
    kernel_columns: int = 1
    pool: bool = False
    dense: int = 0


@dataclass(frozen=True)
class CecilDeepSet(_Trained):
    """Cecil and Sugden's DeepSet: convolutions within each haplotype, and the mean over haplotypes.

    Twice Conv2D 64 @ 1×5 (valid, ReLU), the mean over rows, two dense layers of 64
    (ReLU), one sigmoid unit: 516,737 weights on 128 columns. The order of haplotypes
    changes nothing. Training as `CecilCnn`.
    """

    name: ClassVar[str] = "cecil-deepset"

    def _too_small(self, n_haplotypes: int, n_sites: int) -> str | None:
        return None if n_sites >= 9 else f"needs at least 9 sites or positions, found {n_sites}"

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers, ops

        inputs, hidden = haplotype_input(features)
        for _ in range(2):
            hidden = layers.Conv2D(64, (1, 5), activation="relu")(hidden)
        hidden = layers.Flatten()(ops.mean(hidden, axis=1))
        for _ in range(2):
            hidden = layers.Dense(64, activation="relu")(hidden)
        return Model(inputs, class_output(hidden, n_classes))


def _bare() -> dict[str, Any]:
    """Return options of a layer without biases whose weights start from N(0, 1)."""
    from keras.initializers import RandomNormal

    return {"use_bias": False, "kernel_initializer": RandomNormal(0.0, 1.0)}
