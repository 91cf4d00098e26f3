"""What went wrong in a plugin's code, in words that its author can act on: whose, what, and where."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from selbench.errors import SelbenchError
from selbench.plugin.components import Component, Model, Predictor
from selbench.plugin.options import spelling

_CORE = __name__.partition(".")[0]


def fault_in(problem: BaseException, *packages: str, job: Any = None) -> str:
    """Return an error in one line: the component, what it raised, and the plugin's own file and line.

    An error that was raised on purpose (a `SelbenchError`) says itself what is wrong: it is only
    told whose it is, where it does not say so.

    Parameters
    ----------
    packages : str
        Importable packages whose code is the plugin's; by default that of the component at fault.
    job : object, optional
        What was being done; its ``method.model`` stands for the predictor that it fitted.
    """
    component = _component_in(problem, job)
    said = " ".join(str(problem).split())
    if isinstance(problem, SelbenchError):
        return (
            said if component is None or _is_named(said, component, job) else f"{title_of(component)}: {said}"
        )
    if isinstance(problem, SystemExit):
        what = f"it would end Python: sys.exit({problem.code!r})"
    else:
        what = f"{type(problem).__name__}: {said or 'no message'}"
    own = packages or ((_package_of(type(component)),) if component is not None else ())
    where = place_in(problem, *own) or (place_of(type(component)) if component is not None else "")
    whose = f"{title_of(component)}: " if component is not None else ""
    return f"{whose}{what}" + (f" ({where})" if where else "")


def fault_of_plugin(problem: BaseException, packages: Collection[str]) -> str:
    """Return in one line what went wrong in a plugin's code unforeseen; "" where it is no plugin's.

    An error that was raised on purpose is none, unless it passes on what the plugin's code raised.

    Parameters
    ----------
    packages : collection of str
        Importable packages of all plugins.
    """
    if isinstance(problem, SelbenchError):
        cause = problem.__cause__
        if cause is None or isinstance(cause, SelbenchError | OSError) or _raised_by(problem) != _CORE:
            return ""
        return " ".join(str(problem).split()) if place_in(cause, *packages) else ""
    if _component_in(problem, None) is not None:
        return fault_in(problem)
    is_of_one = isinstance(problem, Exception) and place_in(problem, *packages)
    return fault_in(problem, *packages) if is_of_one else ""


def trace_of(problem: BaseException) -> str:
    """Return the whole traceback, causes included."""
    return "".join(traceback.format_exception(problem))


def title_of(component: Component) -> str:
    """Return what a component is, in words: ``encoder imagene[sort=rows]``."""
    kinds = {"Simulator", "Encoder", "Model", "Scanner", "Reader", "Observer"}
    kind = next((base.__name__.lower() for base in type(component).__mro__ if base.__name__ in kinds), "")
    return f"{kind} {spelling(component)}".strip()


def place_in(problem: BaseException, *packages: str) -> str:
    """Return where in these packages an error arose, ``package/file.py:12``; "" where in none of them."""
    found = ""
    if isinstance(problem, SyntaxError) and problem.filename:
        return f"{_short(problem.filename, '')}:{problem.lineno}"
    for frame, line in _frames(problem):
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in packages:
            found = f"{_short(frame.f_code.co_filename, module)}:{line}"
    return found


def place_of(cls: type[Any] | Callable[..., Any]) -> str:
    """Return where a class or function stands, ``package/file.py:12``; "" where that cannot be told."""
    import inspect

    try:
        lines, first = inspect.getsourcelines(cls)
        return f"{_short(inspect.getfile(cls), cls.__module__)}:{first}" if lines else ""
    except (OSError, TypeError):
        return ""


def _frames(problem: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of an error, outermost first, and the line that each was at."""
    trace = problem.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _component_in(problem: BaseException, job: Any) -> Component | None:
    """Return the innermost component that was at work."""
    found: Component | None = None
    model = getattr(getattr(job, "method", None), "model", None)
    for frame, _ in _frames(problem):
        this = frame.f_locals.get("self")
        if isinstance(this, Component):
            found = this
        elif isinstance(this, Predictor):
            found = model or found
        else:
            asked = getattr(this, "model", None)  # of a trained method, which asks its predictor
            model = asked if isinstance(asked, Model) else model
    return found


def _raised_by(problem: BaseException) -> str:
    """Return the package whose code raised an error."""
    modules = [str(frame.f_globals.get("__name__", "")) for frame, _ in _frames(problem)]
    return modules[-1].partition(".")[0] if modules else ""


def _is_named(said: str, component: Component, job: Any) -> bool:
    """Whether a message says whose it is: the component's, or that of what it works with."""
    method = getattr(job, "method", None)
    parts = [component, *(getattr(method, part) for part in ("encoder", "model") if method is not None)]
    return any(part.name in said for part in parts)


def _package_of(cls: type[Any]) -> str:
    return cls.__module__.partition(".")[0]


def _short(file: str, module: str) -> str:
    """Return a file from its package's folder on: whose machine it lies on says nothing."""
    package: ModuleType | None = sys.modules.get(module.partition(".")[0])
    root = getattr(package, "__file__", None)
    path = Path(file)
    if root is None:  # it failed while it was imported: its name says how deep its file lies
        depth = len(module.split(".")) + (path.name == "__init__.py")
        return str(Path(*path.parts[-depth:])) if module else path.name
    above = Path(root).parent.parent if Path(root).name == "__init__.py" else Path(root).parent
    return str(path.relative_to(above)) if path.is_relative_to(above) else path.name
