"""Elementary functions are right to the last places, and the same bits compiled, interpreted, anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal, localcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench.scenario import elementary, elementary_kernels

RNG = np.random.default_rng(7)
AROUND_0 = np.concatenate([sign * 10 ** RNG.uniform(-18, 0, 300) for sign in (-1, 1)])
ANY_EXPONENT = np.concatenate([RNG.uniform(-700, 700, 400), RNG.uniform(-2, 2, 400), AROUND_0])
ANY_SIZE = np.concatenate([2.0 ** RNG.uniform(-1000, 1000, 400), RNG.uniform(0.5, 2, 400), 1 + AROUND_0 / 2])
FUNCTIONS: dict[str, tuple[NDArray[np.float64], Callable[[Decimal], Decimal], int]] = {
    "exp": (ANY_EXPONENT, lambda x: x.exp(), 1),
    "log": (ANY_SIZE, lambda x: x.ln(), 1),
    "log1p": (np.concatenate([ANY_SIZE, AROUND_0 / 1.01]), lambda x: (1 + x).ln(), 3),
    "expm1": (ANY_EXPONENT, lambda x: x.exp() - 1, 3),
}
KERNELS: Any = elementary_kernels

SAME_BITS = """
import hashlib
import numpy as np
from selbench.scenario import elementary

rng = np.random.default_rng(1)
found = hashlib.sha256()
for x in (rng.uniform(-50, 50, 20_000), rng.uniform(-1, 1, 20_000)):
    size = np.abs(x)
    for values in (elementary.exp(x), elementary.expm1(x), elementary.log(size), elementary.log1p(size)):
        found.update(values.tobytes())
print(found.hexdigest())
"""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_right_to_the_last_places(name: str) -> None:
    x, exact, units = FUNCTIONS[name]
    found = getattr(elementary, name)(x)
    with localcontext(prec=350):
        for at, value in zip(x.tolist(), found.tolist(), strict=True):
            expected = exact(Decimal(at))
            last_place = Decimal(float(np.spacing(abs(float(expected)))))
            assert abs(Decimal(value) - expected) <= units * last_place, f"{name}({at!r})"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_and_interpreted_give_the_same_bits(name: str) -> None:
    kernel = getattr(KERNELS, name)
    x, _, _ = FUNCTIONS[name]
    assert [kernel.py_func(at) for at in x.tolist()] == [kernel(at) for at in x.tolist()]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_limits_are_those_of_numpy(name: str) -> None:
    x = np.array(
        [-np.inf, -1e9, -746.0, -2.0, -1.0, -0.0, 0.0, 5e-324, 1.0, 709.7, 709.9, 1e9, np.inf, np.nan]
    )
    with np.errstate(all="ignore"):
        found, expected = getattr(elementary, name)(x), getattr(np, name)(x)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_log_factorials_are_those_of_whole_numbers() -> None:
    total = 0.0
    for k in range(1, 3000):
        total += float(np.log(k))
        assert KERNELS.log_factorial(k) == pytest.approx(total, abs=1e-9)


def test_an_older_processor_gives_the_same_bits(tmp_path: Path) -> None:
    older = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "NPY_DISABLE_CPU_FEATURES": " ".join(_dispatched()),
    }
    found = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SAME_BITS],
            env=os.environ | environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for environment in ({}, older)
    }
    assert len(found) == 1


def _dispatched() -> list[str]:
    """What this processor has of what numpy chooses its loops by."""
    inner = "numpy._core" if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else "numpy.core"
    made: Any = import_module(f"{inner}._multiarray_umath")
    return [name for name in made.__cpu_dispatch__ if made.__cpu_features__.get(name)]


def test_values_between_nodes_lie_on_straight_lines() -> None:
    nodes = np.sort(RNG.uniform(0, 1, 20))
    values = RNG.normal(size=20)
    x = RNG.uniform(-0.5, 1.5, 1000)
    np.testing.assert_allclose(
        elementary.interpolated(x, nodes, values), np.interp(x, nodes, values), atol=1e-12
    )
    assert elementary.interpolated(nodes, nodes, values).tolist() == values.tolist()
