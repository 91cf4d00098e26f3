"""How the engine is compiled: bare pointers instead of counted arrays, and no Python entry points inside.

numba counts the references of every array that it hands to a function; here
that would cost several times the work itself. So the caller owns all memory
for the whole call, and the engine passes pointers into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numba
import numpy as np
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])
_njit: Any = numba.njit
_types: Any = numba.types


def compiled(function: F) -> F:
    """Compile a function that only compiled code calls."""
    kernel: F = _njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return kernel


def inlined(function: F) -> F:
    """Compile a small function into each of its callers: it would cost less than the call."""
    kernel: F = _njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)(
        function
    )
    return kernel


def compiled_entry(function: F) -> F:
    """Compile a function that Python calls, and keep it on disk."""
    kernel: F = _njit(error_model="numpy", cache=True)(function)
    return kernel


class Reals(Protocol):
    """A pointer to float64 values."""

    def __getitem__(self, i: int) -> float: ...
    def __setitem__(self, i: int, value: float) -> None: ...


class Wholes(Protocol):
    """A pointer to int64 values."""

    def __getitem__(self, i: int) -> int: ...
    def __setitem__(self, i: int, value: int) -> None: ...


class Words(Protocol):
    """A pointer to uint64 values."""

    def __getitem__(self, i: int) -> np.uint64: ...
    def __setitem__(self, i: int, value: np.uint64) -> None: ...


def _point(typing_context: Any, array: Any, offset: Any) -> Any:
    """Point to an element of a contiguous array that outlives the pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.gep(data, [arguments[1]])

    return _types.CPointer(array.dtype)(array, _types.intp), generate


pointer: Any = intrinsic(_point)


def _step(typing_context: Any, start: Any, offset: Any) -> Any:
    """Point some elements beyond a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return start(start, _types.intp), generate


beyond: Any = intrinsic(_step)
