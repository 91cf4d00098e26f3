"""Populations by name: told what the experiment says, values from there on; whose fault is said where."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from selbench import Epoch, ExperimentError, PluginError, Population, Registry, hookimpl, population
from selbench.bench.simulating import read_scenario, simulate
from selbench.experiment.file import load_table
from selbench.experiment.populations import demes, named_population, table
from selbench.experiment.task_table import read_tasks
from selbench.plugin import population_of
from selbench.testing import PopulationContract

HISTORY = "time_units: generations\ndemes: [{name: A, epochs: [{start_size: %d}]}]\n"


class TestDemes(PopulationContract):
    population = staticmethod(demes)

    @pytest.fixture(autouse=True)
    def _histories(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        paths = [tmp_path / f"{size}.yaml" for size in (300, 400)]
        for path in paths:
            path.write_text(HISTORY % int(path.stem))
        monkeypatch.setattr(type(self), "examples", tuple(map(str, paths)))


@pytest.fixture(scope="module")
def toys() -> tuple[ModuleType, ModuleType]:
    sys.path.insert(0, str(Path(__file__).parents[2] / "packages"))
    import toy_doors
    import toy_selection

    return toy_selection, toy_doors


@pytest.fixture(scope="module")
def registry(toys: tuple[ModuleType, ModuleType]) -> Registry:
    return Registry.of(*toys)


def named(table: object, registry: Registry) -> Any:
    return named_population(table, registry, where="p")


def scenarios(registry: Registry, task_population: Any, **classes: Any) -> dict[str, Population]:
    """Return the population of each class of a task whose classes have these populations of their own."""
    own = {
        label: {"simulator": "toy"} | ({"population": classes[label]} if label in classes else {})
        for label in ("neutral", "sweep")
    }
    own["sweep"]["selection"] = {"s": 0.1}
    table = {
        "null": "neutral",
        "positive": "sweep",
        "sample": {"n_haplotypes": 10},
        "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
        "classes": own,
        "population": task_population,
    }
    (task,) = read_tasks("t", table, registry, where="t.toml: tasks.t")
    return {label: source.scenario.population for label, source in task.sources.items()}  # type: ignore[union-attr]


def test_a_text_a_table_and_a_name_with_its_plugin_are_told_and_a_plain_table_is_left(
    registry: Registry,
) -> None:
    assert named({"town": "large"}, registry) == Population(5000)
    assert named({"toy_doors:town": "small"}, registry) == Population(1000)
    assert named({"village": {"size": 900, "years": 3}}, registry) == Population(300)
    assert named({"village": 900}, registry) == Population(900)
    assert named({"size": 3}, registry) == {"size": 3}
    assert named(3, registry) == 3


def test_tasks_and_classes_name_populations_and_one_by_name_stands_alone(registry: Registry) -> None:
    large, small = Population(5000), Population(1000)
    assert scenarios(registry, {"town": "large"}) == {"neutral": large, "sweep": large}
    mixed = scenarios(registry, {"town": "large"}, sweep={"town": "small"})
    assert mixed == {"neutral": large, "sweep": small}
    assert scenarios(registry, {"size": 7, "growth_rate": 0.1}, sweep={"town": "small"})["sweep"] == small
    assert scenarios(registry, {"town": "large"}, sweep={"size": 7})["sweep"] == Population(7)


def test_a_named_population_is_kept_by_its_numbers(registry: Registry) -> None:
    assert scenarios(registry, {"town": "small"}) == scenarios(registry, {"size": 1000.0})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"twon": "large"}, r"unknown key 'twon' \(did you mean 'town'\?\); expected size, growth_rate or "
         "epochs, or one population by name: demes, stdpopsim, table, town, village$"),
        ({"town": "large", "size": 3}, "expected town alone, found town, size"),
        ({"demes": "h.yaml", "size": 3}, "expected demes alone, found demes, size"),
        ({"demes": 3}, r"population\.demes: expected a text, found 3$"),
        ({"demes": "nowhere.yaml"}, r"\.demes: nowhere\.yaml: expected a demes model: .*No such file"),
        ({"town": 3}, r"population\.town: expected a text, found 3; population town is of plugin toy_doors"),
        ({"town": "ghost"}, r"population\.town: nobody lives there; population town is of plugin toy_doors"),
        ({"town": "lost"}, r"\.town: KeyError: 'lost' \(toy_doors\.py:\d+\); .* of plugin toy_doors"),
        ({"village": 5}, r"\.village: expected a selbench\.Population, found 5 \(toy_doors\.py:\d+\); "),
        ({"village": {"size": 50, "years": 0}}, r"\.village: ZeroDivisionError: .* \(toy_doors\.py:\d+\); "),
        ({"village": {"size": "a"}}, r"\.village\.size: expected a whole number, found 'a'"),
        ({"village": {"years": 2}}, r"\.village: missing size"),
        ({"village": {"sise": 2}}, r"\.village: unknown key 'sise' \(did you mean 'size'\?\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_in_a_line_at_its_place(
    table: dict[str, Any], message: str, registry: Registry
) -> None:
    for shared, own, at in (
        (table, {}, r"^t\.toml: tasks\.t\.population"),
        ({"size": 3}, {"sweep": table}, r"^t\.toml: tasks\.t\.classes\.sweep\.population"),
    ):
        with pytest.raises(ExperimentError, match=at + ".*" + message.removeprefix("population")) as caught:
            scenarios(registry, shared, **own)
        assert "\n" not in str(caught.value)


def test_what_a_plugin_prints_never_reaches_the_data(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    named({"village": 900}, registry)
    assert capsys.readouterr() == ("", "not in the data\n")


def test_a_name_that_two_plugins_claim_hurts_only_who_says_it_bare(
    toys: tuple[ModuleType, ModuleType],
) -> None:
    @population("nobody")
    def town(size: float) -> Population:
        """Be another."""
        return Population(size)

    other = SimpleNamespace(__name__="other", register_populations=hookimpl(lambda: [town]))
    other.register_populations.__name__ = "register_populations"
    registry = Registry.of(*toys, other)
    assert named({"other:town": 3}, registry) == Population(3)
    assert named({"village": 900}, registry) == Population(900)
    with pytest.raises(
        ExperimentError, match=r"^p: population 'town' is registered by .*: say toy_doors:town or"
    ):
        named({"town": "large"}, registry)


def test_it_is_asked_for_when_first_needed() -> None:
    registry = Registry.installed()
    assert named({"size": 3}, registry) == {"size": 3}
    assert "register_populations" not in registry._offers
    assert "demes" in registry.populations


def test_a_function_that_ends_python_or_that_nobody_can_ask_is_said_so() -> None:
    @population("nobody")
    def ending(size: float) -> Population:
        """End it."""
        sys.exit(3)

    with pytest.raises(
        ExperimentError, match=r"^p: it would end Python: sys.exit\(3\) \((?:\S+/)?test_populations.py:\d+"
    ):
        population_of(ending.population, 3, where="p")  # type: ignore[attr-defined]

    def size(many: float) -> Population:
        """Be called as a field."""
        return Population(many)

    def positional(many: float, /) -> Population:
        """Be asked by place."""
        return Population(many)

    def undocumented(many: float) -> Population:
        return Population(many, epochs=(Epoch(3, 2),))

    for function, said in ((size, "none of size"), (positional, "by name"), (undocumented, "docstring")):
        with pytest.raises(PluginError, match=said):
            population("nobody")(function)


class TestTable(PopulationContract):
    population = staticmethod(table)

    @pytest.fixture(autouse=True)
    def _histories(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for size in (300, 400):
            (tmp_path / f"{size}.tsv").write_text(f"0 {size}\n50 700\n")
        first, second = (str(tmp_path / f"{size}.tsv") for size in (300, 400))
        monkeypatch.setattr(type(self), "examples", (first, second, {"file": first, "generation_time": 2}))


def test_what_stands_beside_a_population_by_name_is_its_other_parameters(
    registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "sizes.tsv").write_text("year size\n0 900\n1000 400\n")
    short = {"generation_time": 25, "table": str(tmp_path / "sizes.tsv")}
    found = scenarios(registry, short)["neutral"]
    assert found == Population(900, epochs=(Epoch(40, 400),))
    assert named({"table": {"file": short["table"], "generation_time": 25}}, registry) == found
    with pytest.raises(ExperimentError, match="expected table alone, found generation_time, table, locus"):
        named(short | {"locus": 3}, registry)


def test_a_history_inferred_with_another_mutation_rate_is_refused(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "sizes.tsv").write_text("0 900\n")
    told = {"table": str(tmp_path / "sizes.tsv"), "mutation_rate": 1.01e-8}  # 1e-8 within rounding
    assert scenarios(registry, told)["neutral"] == Population(900)
    with pytest.raises(
        ExperimentError, match=r"population\.table: .* rate of 2e-08, and the locus has 1e-08"
    ):
        scenarios(registry, told | {"mutation_rate": 2e-8})
    with pytest.raises(ExperimentError, match=r"band: a table has sizes alone"):
        scenarios(registry, told | {"band": True})


def test_a_model_of_stdpopsim_comes_by_its_name(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    import msprime

    demography = msprime.Demography.isolated_model([300])
    demography.add_population_parameters_change(time=50, initial_size=700, population=0)
    model = SimpleNamespace(mutation_rate=1e-8, model=demography)
    species = SimpleNamespace(get_demographic_model={"Africa_1T12": model}.__getitem__)
    catalogue = SimpleNamespace(get_species={"HomSap": species}.__getitem__)
    monkeypatch.setitem(sys.modules, "stdpopsim", catalogue)
    found = scenarios(registry, {"stdpopsim": "HomSap/Africa_1T12"})["neutral"]
    assert found == Population(300, epochs=(Epoch(50, 700),))
    model.mutation_rate = 2.36e-8
    with pytest.raises(ExperimentError, match=r"rate of 2\.36e-08, and the locus has 1e-08"):
        scenarios(registry, {"stdpopsim": "HomSap/Africa_1T12"})
    with pytest.raises(ExperimentError, match="expected SPECIES/MODEL"):
        named({"stdpopsim": "HomSap"}, registry)
    monkeypatch.setitem(sys.modules, "stdpopsim", None)
    with pytest.raises(ExperimentError, match=r"not installed .* pip install stdpopsim"):
        named({"stdpopsim": "HomSap/Africa_1T12"}, registry)


@population("nobody")
def surveyed(file: Path, scale: float = 1.0) -> Population:
    """As many as a file says."""
    assert isinstance(file, Path)
    return Population(float(file.read_text()) * scale)


def test_paths_start_from_the_folder_of_the_experiment_and_typed_ones_from_where_selbench_is_run(
    toys: tuple[ModuleType, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = SimpleNamespace(__name__="survey", register_populations=hookimpl(lambda: [surveyed]))
    plugin.register_populations.__name__ = "register_populations"
    registry = Registry.of(*toys, plugin)
    (tmp_path / "size.txt").write_text("70")
    (tmp_path / "history.yaml").write_text(HISTORY % 300)
    (tmp_path / "sizes.tsv").write_text("year size\n0 900\n1000 400\n")
    experiment = tmp_path / "my.toml"
    for said, size in (
        ('surveyed = "size.txt"', 70),
        ('surveyed = { file = "size.txt", scale = 2 }', 140),
        ('"survey:surveyed" = "size.txt"', 70),
        ('demes = "history.yaml"', 300),
        (f'demes = "{tmp_path}/history.yaml"', 300),
        ('town = "small"', 1000),
        ('table = "sizes.tsv", generation_time = 25', 900),
        ('table = { file = "sizes.tsv", generation_time = 25 }', 900),
    ):
        experiment.write_text(f"[tasks.t]\npopulation = {{ {said} }}\n")
        told = load_table(experiment, registry)["tasks"]["t"]["population"]
        assert named(told, registry).size == size
    monkeypatch.chdir(tmp_path)
    for setting, size in (
        ("population.surveyed=size.txt", 70),
        ("population.demes=history.yaml", 300),
        ("demes=history.yaml", 300),
        ("population.toy_doors:town=large", 5000),
    ):
        assert read_scenario([setting, "n_haplotypes=6"], registry).population == Population(size)
    asked = {"surveyed": {"file": "size.txt", "scale": 3}}
    assert len(simulate("toy", registry=registry, n_windows=2, population=asked)) == 2
    for settings, message in (
        (["population.twon=large"], r"^--set: population: unknown key 'twon' \(did you mean 'town'"),
        (
            ["population.town=large", "population_size=3"],
            "expected population.town alone, found population_size",
        ),
        (["population.town=large", "population.demes=h.yaml"], "expected town alone"),
    ):
        with pytest.raises(ExperimentError, match=message):
            read_scenario(settings, registry)
