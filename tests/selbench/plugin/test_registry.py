"""The registry: plugins are found, broken ones reported, clashes refused only when asked for."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from selbench import Encoder, FeatureSpec, Model, PluginError, Registry, hookimpl, statistic
from selbench.cli.app import app
from selbench.experiment import Method
from selbench.plugin import Owner, options_of, spelling
from selbench.plugin import statistics as entered


@dataclass(frozen=True)
class Counter(Encoder):
    """Counts sites."""

    name: ClassVar[str] = "counter"
    scale: float = 1.0

    def feature_spec(self, windows: Any) -> FeatureSpec:
        return FeatureSpec((1,), "float32", ("statistic",))


@dataclass(frozen=True)
class Guess(Model):
    """Guesses."""

    name: ClassVar[str] = "guess"
    default_encoder: ClassVar[str] = "counter"

    def fit(self, *args: Any, **kwargs: Any) -> Any: ...

    def load(self, directory: Path) -> Any: ...


def plugin(name: str = "toy", /, **hooks: Any) -> SimpleNamespace:
    """Return a plugin whose hooks return these things, or call them where they can be called."""

    def marked(thing: Any) -> Any:
        return hookimpl(thing if callable(thing) else lambda: thing)

    return SimpleNamespace(__name__=name, **{hook: marked(thing) for hook, thing in hooks.items()})


def registry_of(*plugins: Any) -> Registry:
    """Return a registry that reports what is broken, as an installed one does."""
    return Registry(
        (Owner(p.__name__, distribution=f"{p.__name__}-dist", version="1.2"), lambda p=p: p) for p in plugins
    )


def test_classes_are_found_by_kind_and_name() -> None:
    registry = Registry.of(plugin(register_encoders=[Counter], register_models=(Guess,)))
    assert list(registry.encoders) == ["counter"]
    assert registry.encoders["counter"] is Counter
    assert registry.models["guess"] is Guess
    assert len(registry.simulators) == 0
    assert "guess" not in registry.encoders
    assert registry.encoders.entry("counter").summary == "Counts sites."
    assert registry.broken == ()


def test_a_component_is_built_from_its_spelling() -> None:
    registry = Registry.of(plugin(register_encoders=[Counter]))
    assert registry.encoders.build("counter[scale=2]") == Counter(2.0)
    with pytest.raises(PluginError, match=r"counter: unknown key 'scael' \(did you mean 'scale'\?\)"):
        registry.encoders.build("counter[scael=2]")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    registry = Registry.of(plugin(register_encoders=[Counter]))
    message = r"unknown encoder 'conter' \(did you mean 'counter'\?\); installed encoders: counter"
    with pytest.raises(PluginError, match=message):
        registry.encoders["conter"]
    with pytest.raises(PluginError, match="unknown model 'x'; installed models: none"):
        registry.models["x"]


def test_a_clash_is_an_error_only_when_the_name_is_asked_for_and_names_both_owners() -> None:
    @dataclass(frozen=True)
    class Other(Counter):
        """Another one of that name."""

    @dataclass(frozen=True)
    class Third(Counter):
        """With a name of its own."""

        name: ClassVar[str] = "third"

    registry = registry_of(
        plugin("ours", register_encoders=[Counter, Third]), plugin("theirs", register_encoders=[Other])
    )
    assert registry.broken == ()
    assert list(registry.encoders) == ["counter", "third"]
    assert len(registry.encoders.entries()) == 3
    assert registry.encoders["third"] is Third
    message = r"encoder 'counter' is registered by ours \(ours-dist 1.2\) and theirs \(theirs-dist 1.2\)"
    with pytest.raises(PluginError, match=message):
        registry.encoders["counter"]
    with pytest.raises(PluginError, match=message + ": say ours:counter or theirs:counter"):
        registry.encoders.build("counter[scale=2]")


def test_the_plugin_s_name_always_tells_which_one_is_meant() -> None:
    @dataclass(frozen=True)
    class Other(Counter):
        """Another one of that name."""

    registry = registry_of(
        plugin("ours", register_encoders=[Counter], register_models=[Guess]),
        plugin("theirs", register_encoders=[Other]),
    )
    ours, theirs = (registry.encoders.build(f"{owner}:counter[scale=2]") for owner in ("ours", "theirs"))
    assert (type(ours), type(theirs)) == (Counter, Other)
    assert [spelling(each) for each in (ours, theirs)] == [
        "ours:counter[scale=2.0]",
        "theirs:counter[scale=2.0]",
    ]
    assert registry.encoders.make(ours.name, options_of(ours)) == ours
    assert spelling(pickle.loads(pickle.dumps(ours))) == "ours:counter[scale=2.0]"
    assert "ours:counter" in registry.encoders
    assert "ours:guess" not in registry.encoders
    method = Method.parse("theirs:counter+guess", registry)
    assert method.name == "theirs:counter+guess"
    by_default = Method.parse("guess", registry)
    assert by_default.name == "ours:counter+guess", "a model's own plugin is the nearest"
    with pytest.raises(PluginError, match="unknown encoder 'their:counter'"):
        registry.encoders.build("their:counter")


class NotFrozen(Counter):
    """Inherits the decorator, and so would lose its own options."""

    colour: str = "red"


@dataclass
class Thawed(Model):
    """Its options can change under the run."""

    name: ClassVar[str] = "thawed"
    default_encoder: ClassVar[str] = "counter"

    def fit(self, *args: Any, **kwargs: Any) -> Any: ...

    def load(self, directory: Path) -> Any: ...


@dataclass(frozen=True)
class Unfinished(Model):
    """Cannot be loaded again."""

    name: ClassVar[str] = "unfinished"
    default_encoder: ClassVar[str] = "counter"

    def fit(self, *args: Any, **kwargs: Any) -> Any: ...


@dataclass(frozen=True)
class Homeless(Guess):
    """Names no encoder."""

    name: ClassVar[str] = "homeless"
    default_encoder = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Unspeakable(Guess):
    """Its name would read as a method."""

    name: ClassVar[str] = "a+b"


@dataclass(frozen=True)
class Calls(Guess):
    """Its name would be an option."""

    name: str = "calls"  # type: ignore[misc]


@dataclass(frozen=True)
class Hides(Guess):
    """Its option would hide a method."""

    name: ClassVar[str] = "hides"
    fit: int = 3  # type: ignore[assignment]


class Colour(Enum):
    """Not for tables."""

    RED = 1


def with_option(kind: Any) -> type[Guess]:
    """Return a model with one option of a type."""
    body = {"name": "typed", "__annotations__": {"option": kind}, "__doc__": "Typed.", "option": None}
    return dataclass(frozen=True)(type("Typed", (Guess,), body))


@dataclass(frozen=True)
class Nameless(Encoder):
    """Forgot its name."""

    def feature_spec(self, windows: Any) -> FeatureSpec: ...


def fails() -> list[Any]:
    raise OSError("no\nlicence")


def leaves() -> list[Any]:
    raise SystemExit("goodbye")


@pytest.mark.parametrize(
    ("hooks", "error"),
    [
        (
            {"register_encoder": [Counter]},
            r"unknown hook 'register_encoder' \(did you mean 'register_encoders'\?\); hooks: register_sim",
        ),
        ({"register_encoders": fails}, r"register_encoders\(\) failed: OSError: no licence"),
        ({"register_encoders": leaves}, r"register_encoders\(\) failed: SystemExit: goodbye"),
        ({"register_encoders": lambda: None}, r"register_encoders\(\) failed: .*expected a list, found None"),
        (
            {"register_encoders": lambda: Counter},
            r"register_encoders\(\) failed: .*expected a list, found <class",
        ),
        ({"register_encoders": 3}, r"register_encoders\(\) failed: TypeError: 'int' object is not iterable"),
        (
            {"register_encoders": [Counter()]},
            r"register_encoders\(\) returned Counter\(.*: expected a subclass",
        ),
        (
            {"register_encoders": [Guess]},
            r"register_encoders\(\) returned .*: expected a subclass of Encoder",
        ),
        ({"register_encoders": [NotFrozen]}, r"NotFrozen.*: expected @dataclass\(frozen=True\)"),
        ({"register_models": [Thawed]}, r"Thawed.*: expected @dataclass\(frozen=True\)"),
        ({"register_models": [Unfinished]}, r"Unfinished.*: it does not implement load"),
        ({"register_models": [Homeless]}, r"Homeless.*: expected a class attribute `default_encoder`"),
        ({"register_models": [Unspeakable]}, r"Unspeakable.*: expected a class attribute `name` of letters"),
        ({"register_encoders": [Nameless]}, r"Nameless.*: expected a class attribute `name`"),
        (
            {"register_models": [Calls]},
            r"Calls.*: its option 'name' has the name of what every model has",
        ),
        ({"register_models": [Hides]}, r"Hides.*: its option 'fit' has the name of what every model has"),
        ({"register_models": [with_option(list)]}, r"Typed.*: its option 'option' is of type list, expected"),
        ({"register_models": [with_option(Colour)]}, r"Typed.*: its option 'option' is of type Colour"),
        ({"register_models": [with_option(Path | None)]}, r"Typed.*: its option 'option' is of type .*Path"),
        ({"register_encoders": [Counter, Counter]}, r"Counter.*: it is listed twice"),
        ({"register_experiments": lambda: "a.toml"}, r"register_experiments\(\) failed: .*found 'a.toml'"),
        ({"register_experiments": [3]}, r"register_experiments\(\) returned 3: expected a path"),
        (
            {"register_simulators": lambda windows: []},
            "cannot be loaded: hooks take no parameters.*windows",
        ),
    ],
)
def test_what_is_broken_is_reported_and_the_rest_works_on(hooks: dict[str, Any], error: str) -> None:
    healthy = {"register_encoders": [Counter]} if "register_encoders" not in hooks else {}
    registry = registry_of(plugin("bad", **hooks, **healthy), plugin("good", register_models=[Guess]))
    assert [str(broken.owner) for broken in registry.broken] == ["bad (bad-dist 1.2)"]
    assert str(registry.broken[0]).startswith("plugin bad (bad-dist 1.2): ")
    assert re.search(error, registry.broken[0].error)
    assert list(registry.models) == ["guess"]
    if healthy and "cannot be loaded" not in error:
        assert list(registry.encoders) == ["counter"], "the other hooks of the plugin count"
    with pytest.raises(PluginError, match=error):
        Registry.of(plugin("bad", **hooks))


def test_a_hook_that_is_not_marked_is_reported() -> None:
    unmarked = SimpleNamespace(__name__="shy", register_models=lambda: [Guess])
    (broken,) = registry_of(unmarked).broken
    assert str(broken) == (
        "plugin shy (shy-dist 1.2): register_models() is not marked with @hookimpl, "
        "so it would never be called"
    )


def test_shipped_experiments_are_found_by_file_name(tmp_path: Path) -> None:
    registry = registry_of(
        plugin("ours", register_experiments=[tmp_path / "tour.toml", str(tmp_path / "paper.toml")]),
        plugin("theirs", register_experiments=[tmp_path / "other" / "paper.toml"]),
    )
    assert registry.experiment("tour") == tmp_path / "tour.toml"
    assert [(name, str(owner)[:4]) for name, owner, _ in registry.experiment_entries()] == [
        ("paper", "ours"),
        ("paper", "thei"),
        ("tour", "ours"),
    ]
    with pytest.raises(
        PluginError, match=r"unknown experiment 'tuor' \(did you mean 'tour'\?\); expected a TO"
    ):
        registry.experiment("tuor")
    with pytest.raises(PluginError, match=r"'paper' is shipped by ours .* and theirs .*: give the file"):
        registry.experiment("paper")


STRANGER = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from selbench import Encoder, FeatureSpec, hookimpl

@dataclass(frozen=True)
class SiteDensity(Encoder):
    """Sites per base pair, from far away."""

    name: ClassVar[str] = "site-density"

    def feature_spec(self, windows):
        return FeatureSpec((1,), "float32", ("statistic",))

    def encode_window(self, haplotypes, positions, spec):
        return [len(positions) / spec.sequence_length]

@hookimpl
def register_encoders():
    return [SiteDensity]
'''


def install(folder: Path, distribution: str, version: str, module: str, source: str) -> None:
    """Write a package as an installer would leave it: a module and its metadata."""
    (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(f"[selbench]\n{module} = {module}\n")


def selbench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a new process that finds packages in `folder`."""
    command = [sys.executable, "-c", "from selbench.cli import main; main()", *arguments]
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


def test_a_statistic_s_name_that_two_plugins_claim_is_a_method_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def twin(m: Any) -> Any:
        """Two plugins have one of this name."""
        return m.sites.sites * 1.0

    def offered() -> dict[str, Any]:
        values = FunctionType(twin.__code__, globals(), "twin")
        values.__doc__ = twin.__doc__
        mark = statistic("me", needs_ancestral=False, needs_phase=False, undefined_value=0.0)
        return {"register_statistics": [mark(values)]}

    monkeypatch.setattr(entered, "_ENTERED", dict(entered._ENTERED))
    registry = Registry.of(plugin("ours", **offered()), plugin("theirs", **offered()))
    for owner in ("ours", "theirs"):
        model = registry.models.build(f"{owner}:twin")
        assert model.default_encoder == f"statistics[names={owner}:twin]"
        features = FeatureSpec((1,), "float64", ("statistic",), names=(f"{owner}:twin",))
        assert model.unsupported(features) is None
        rebuilt, told, _ = model.__reduce__()  # type: ignore[misc]
        assert rebuilt(*told) == model


def test_a_stranger_s_package_is_found_and_a_broken_one_is_named(tmp_path: Path) -> None:
    install(tmp_path, "far-away", "3.1", "far_away", STRANGER)
    install(tmp_path, "half-done", "0.2", "half_done", "import no_such_library_at_all\n")
    done = selbench(tmp_path, "plugins")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "site-density" in line)
    assert row.split()[:4] == ["encoder", "site-density", "far_away", "3.1"]
    assert "Sites per base pair, from far away." in row
    assert "full-length" in done.stdout, "the first-party plugins work on"
    words = " ".join(done.stderr.split())
    assert "half_done (half-done 0.2): cannot be loaded: ModuleNotFoundError" in words
    assert "no_such_library_at_all" in words
    assert "Traceback" not in done.stderr


def test_the_name_of_a_plugin_lists_what_it_brings() -> None:
    done = CliRunner().invoke(app, ["plugins", "coalescent"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert {"ms", "mssel"} <= {row[1] for row in rows}
    assert {row[2] for row in rows} == {"coalescent"}


def test_a_stranger_s_components_are_asked_for_by_name(tmp_path: Path) -> None:
    install(tmp_path, "far-away", "3.1", "far_away", STRANGER)
    install(tmp_path, "copy-cat", "1.0", "copy_cat", STRANGER.replace("Sites", "Also sites"))
    done = selbench(tmp_path, "plugins", "site-density")
    assert done.returncode == 1
    assert "'site-density' is registered by copy_cat (copy-cat 1.0) and far_away (far-away 3.1)" in " ".join(
        done.stderr.split()
    )


def test_what_a_plugin_prints_is_kept_out_of_data(tmp_path: Path) -> None:
    chatty = STRANGER.replace("@hookimpl\n", "print('hello at import')\n\n@hookimpl\n").replace(
        "    return [SiteDensity]", "    print('hello in a hook')\n    return [SiteDensity]"
    )
    install(tmp_path, "far-away", "3.1", "far_away", chatty)
    done = selbench(tmp_path, "cite", "quickstart")
    assert done.returncode == 0, done.stderr
    assert "@article{" in done.stdout
    assert "hello" not in done.stdout
    assert "hello at import" in done.stderr
    assert "hello in a hook" in done.stderr


def test_registries_and_shelves_are_described_in_a_line() -> None:
    registry = Registry.of(plugin("toy", register_encoders=[Counter]))
    assert repr(registry) == "Registry: 0 simulators, 1 encoder, 0 models, 0 experiments"
    assert repr(registry.encoders) == "encoders: counter"
    assert repr(registry.models) == "models: none"


def test_the_installed_plugins_are_whole() -> None:
    registry = Registry.installed()
    assert [str(broken) for broken in registry.broken] == []
    assert {"ms", "mssel"} <= set(registry.simulators)
    assert {"full-length", "imagene"} <= set(registry.encoders)
