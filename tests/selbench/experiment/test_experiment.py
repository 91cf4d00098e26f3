"""Experiments: read strictly from TOML, overridden, reduced, expanded to trainings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from selbench import (
    DataError,
    Encoder,
    ExperimentError,
    FeatureSpec,
    Model,
    PluginError,
    Registry,
    Scenario,
    Selection,
    Simulator,
    Windows,
    WindowSpec,
    hookimpl,
)
from selbench.experiment import (
    ClassSource,
    DatasetClass,
    Experiment,
    Method,
    SimulatedClass,
    WindowCounts,
    parse_experiment,
    portions,
    read_experiment,
)
from selbench.experiment.table import BASELINES
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.streams import stream_seed


@dataclass(frozen=True)
class Neutral(Simulator):
    """Cannot do selection at a distance."""

    name: ClassVar[str] = "near"
    speed: float = 1.0

    def unsupported(self, scenario: Scenario) -> str | None:
        far = scenario.selection is not None and scenario.selection.position == 4999
        return "the site lies outside" if far else None

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        raise NotImplementedError


@dataclass(frozen=True)
class Image(Encoder):
    """An encoder with an option."""

    name: ClassVar[str] = "image"
    sort: str = "none"
    names: tuple[str, ...] = ()

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((1,), "uint8", ("site",))


@dataclass(frozen=True)
class Network(Model):
    """A model with an encoder of its own."""

    name: ClassVar[str] = "network"
    default_encoder: ClassVar[str] = "image[sort=rows]"
    rate: float = 0.001

    def fit(self, *args: Any, **kwargs: Any) -> Any: ...

    def load(self, directory: Path) -> Any: ...


@dataclass(frozen=True)
class Count(Network):
    """A baseline."""

    name: ClassVar[str] = "count"
    default_encoder: ClassVar[str] = "image"
    is_baseline: ClassVar[bool] = True


REGISTRY = Registry.of(
    SimpleNamespace(
        __name__="toys",
        register_simulators=hookimpl(lambda: [Neutral]),
        register_encoders=hookimpl(lambda: [Image]),
        register_models=hookimpl(lambda: [Network, Count]),
    )
)

TEXT = """
seed = 7
baselines = ["count"]
methods = ["network", "image+network[rate=1e+1]"]

[tasks.paper]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 48 }
locus = { sequence_length = 1000, mutation_rate = 1e-8 }
population = { size = 80_000 }
windows = { train = 100, test = 50 }

[tasks.paper.classes.sweep]
simulator = "near[speed=2]"
selection = { s = 0.01, position = 500 }

[tasks.paper.classes.neutral]
simulator = "near"
"""
TWO = TEXT + TEXT[TEXT.index("[tasks") :].replace("tasks.paper", 'tasks."paper-s0.5"')
REDUCED = """
[reduced]
repetitions = 1
methods = ["network"]
windows = { train = 10 }
"""


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(text: str, *overrides: str, **options: Any) -> Experiment:
        path = tmp_path / "paper.toml"
        path.write_text(text)
        return read_experiment(path, REGISTRY, overrides=overrides, **options)

    return read


# reading


def simulated(source: ClassSource) -> SimulatedClass:
    assert isinstance(source, SimulatedClass)
    return source


def test_an_experiment_is_read_from_its_file(read: Any) -> None:
    experiment = read(TEXT)
    assert (experiment.name, experiment.seed, experiment.repetitions, experiment.threads) == (
        "paper",
        7,
        5,
        1,
    )
    task = experiment.tasks["paper"]
    assert task.classes == ("neutral", "sweep"), "the null class comes first, whatever the file's order"
    assert (task.null, task.positive, task.empty_windows) == ("neutral", "sweep", "keep")
    assert task.spec == WindowSpec(48, 1000, 2)
    assert task.windows == WindowCounts(train=100, test=50)
    assert simulated(task.sources["sweep"]).simulator == Neutral(2.0)
    assert simulated(task.sources["sweep"]).scenario.selection == Selection(s=0.01, position=500)
    assert simulated(task.sources["neutral"]).scenario.selection is None


def test_baselines_join_as_the_experiment_names_them_each_once(read: Any) -> None:
    names = [method.name for method in read(TEXT).methods]
    assert names == ["image[sort=rows]+network", "image+network[rate=10.0]", "image+count"]
    assert [m.name for m in read(TEXT, 'methods=["count"]').methods] == ["image+count"]
    assert len(read(TEXT, "baselines=false").methods) == 2
    with pytest.raises(ExperimentError, match=r"methods: .*'counter' .*did you mean 'count'"):
        read(TEXT, 'baselines=["counter"]')
    with pytest.raises(ExperimentError, match=r"paper.toml: expected methods, such as .*, found none"):
        read(TEXT, "baselines=false", "methods=[]")


def test_what_is_installed_changes_nobody_s_experiment(read: Any) -> None:
    """Count is a baseline and installed; an experiment that does not name it goes without."""
    text = TEXT.replace('baselines = ["count"]\n', "")
    assert BASELINES == ("segregating-sites", "nucleotide-diversity", "distinct-haplotypes")
    for of_file in (text, "baselines = true\n" + text):
        assert [method.model.name for method in read(of_file).methods] == ["network", "network"]
    table = tomllib.loads(text) | {"methods": ["segregating-sites"]}
    for task in table["tasks"].values():
        for about in task["classes"].values():
            about["simulator"] = "ms"
        task["classes"]["sweep"] = {"simulator": "ms"}
    installed = parse_experiment(table, Registry.installed(), where="paper.toml")
    assert [method.model.name for method in installed.methods] == list(BASELINES)


def test_long_windows_have_a_baseline_of_their_own() -> None:
    table = tomllib.loads(TEXT.replace('baselines = ["count"]\n', "")) | {"methods": ["segregating-sites"]}
    (task,) = table["tasks"].values()
    task["classes"] = {"neutral": {"simulator": "ms"}, "sweep": {"simulator": "ms"}}
    for length, joins in ((49_999, False), (50_000, True)):
        task["locus"] = {**task["locus"], "sequence_length": length}
        read = parse_experiment(table, Registry.installed(), where="paper.toml")
        assert ("sub-window-logistic" in [method.model.name for method in read.methods]) is joins


NAMES = [
    ("", "it is empty"),
    ("..", "it begins with a dot"),
    ("../../../PWN/Y", "it begins with a dot"),
    ("a/b", "it holds '/'"),
    ("a\\b", "it holds"),
    ("a\x1b[31m", "the control character U\\+001B"),
    ("a\u202eb", "the control character U\\+202E"),
    ("a\nb", "the control character U\\+000A"),
    (" a", "a space"),
    ("x" * 81, "it is too long"),
    ("Ω" * 41, "it is too long"),
]


@pytest.mark.parametrize(("name", "fault"), NAMES)
def test_names_are_held_to_one_rule_where_they_are_read(name: str, fault: str) -> None:
    table = tomllib.loads(TEXT)
    for where, changed in (
        ("tasks", table | {"tasks": {name: table["tasks"]["paper"]}}),
        ("name", table | {"name": name}),
        (
            "tasks.paper.classes",
            table
            | {
                "tasks": {
                    "paper": table["tasks"]["paper"]
                    | {"classes": table["tasks"]["paper"]["classes"] | {name: {"simulator": "near"}}}
                }
            },
        ),
    ):
        if where == "name" and not name:
            continue  # that stands for the file's
        with pytest.raises(ExperimentError, match=rf"p.toml: {where}: .*cannot be a name: .*{fault}"):
            parse_experiment(changed, REGISTRY, where="p.toml")


def test_names_of_all_languages_are_names(read: Any) -> None:
    text = TEXT.replace("tasks.paper", 'tasks."δοκιμή 1, s = 0.01"')
    assert list(read(text).tasks) == ["δοκιμή 1, s = 0.01"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("repetitions=10001", "repetitions: expected at most 10,000, found 10,001"),
        ("threads=1025", "threads: expected at most 1,024, found 1,025"),
        ("tasks.paper.windows.train=10000001", "train: expected at most 10,000,000, found 10,000,001"),
    ],
)
def test_counts_have_bounds_that_say_themselves(override: str, message: str, read: Any) -> None:
    with pytest.raises(ExperimentError, match=message):
        read(TEXT, override)


def test_a_task_may_not_be_called_as_a_training_size_of_another(read: Any) -> None:
    text = TEXT.replace("[tasks.paper]\n", "[tasks.paper]\ntraining_sizes = [50]\n")
    twice = text + text[text.index("[tasks") :].replace("tasks.paper", 'tasks."paper@50"')
    with pytest.raises(ExperimentError, match="'paper@50' twice"):
        read(twice)


def test_a_class_changes_what_the_task_shares(read: Any) -> None:
    text = TEXT + "locus = { recombination_rate = 2e-8 }\npopulation = { size = 5 }\n"
    sources = read(text).tasks["paper"].sources
    assert simulated(sources["neutral"]).scenario.locus.recombination_rate == 2e-8
    assert simulated(sources["neutral"]).scenario.locus.mutation_rate == 1e-8
    assert simulated(sources["neutral"]).scenario.population.size == 5
    assert simulated(sources["sweep"]).scenario.locus.recombination_rate == 0


@pytest.mark.parametrize("name", ["paper", "genome", "observation"])
def test_paths_start_from_the_folder_of_the_file(read: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "t.txt").write_text("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n1 0\n")
    history = "time_units: generations\ndemes: [{name: A, epochs: [{start_size: 300}]}]"
    (tmp_path / "h.yaml").write_text(history)
    text = TEXT.replace("s = 0.01", 'trajectory_file = "t.txt"') + 'population = { demes = "h.yaml" }\n'
    experiment = read(text.replace("tasks.paper", f"tasks.{name}"))
    sources = experiment.tasks[name].sources
    assert simulated(sources["sweep"]).scenario.selection.given_trajectories[0].times == (0, 320_000)
    assert simulated(sources["neutral"]).scenario.population.size == 300
    classes = experiment.table["tasks"][name]["classes"]
    assert classes["sweep"]["selection"]["trajectory_file"] == str(tmp_path / "t.txt")


def test_a_class_may_come_from_a_dataset(read: Any, tmp_path: Path) -> None:
    none = Windows.from_arrays([], [], sequence_length=1000, n_haplotypes=48).with_label("neutral")
    write_dataset(tmp_path / "d.parquet", [("", none)], DatasetMetadata(WindowSpec(48, 1000)))
    write_dataset(tmp_path / "long.parquet", [], DatasetMetadata(WindowSpec(48, 2000)))
    write_dataset(tmp_path / "ref.parquet", [], DatasetMetadata(WindowSpec(48, 1000), "ref"))
    text = TEXT.replace('simulator = "near"\n', 'dataset = "d.parquet"\n')
    assert read(text).tasks["paper"].sources["neutral"] == DatasetClass(tmp_path / "d.parquet")
    with pytest.raises(ExperimentError, match=r"expected the same sample, length, ploidy .* for all classes"):
        read(text.replace("d.parquet", "long.parquet"))
    with pytest.raises(ExperimentError, match=r"same .* polarisation .*ref and, for sweep, .*ancestral"):
        read(text.replace("d.parquet", "ref.parquet"))
    with pytest.raises(ExperimentError, match=r"classes.neutral.dataset: no such file: .*nowhere"):
        read(text.replace("d.parquet", "nowhere"))
    with pytest.raises(ExperimentError, match="a class read from a dataset takes no selection"):
        read(text + "selection = { s = 1 }\n")
    (tmp_path / "damaged").write_text("x")
    with pytest.raises(DataError, match="damaged"):
        read(text.replace("d.parquet", "damaged"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 7", "", "paper.toml: missing seed"),
        ("seed = 7", "seed = '7'", "paper.toml.seed: expected a whole number, found '7'"),
        ("seed = 7", "sede = 7", r"paper.toml: unknown key 'sede' \(did you mean 'seed'\?\)"),
        ("seed = 7", "seed = 7\nrepetitions = 0", "paper.toml: repetitions: expected at least 1, found 0"),
        ("seed = 7", "seed = 7\nthreads = 0", "paper.toml: threads: expected at least 1, found 0"),
        ("seed = 7", "seed = 7\nevaluate = 3", r"paper.toml: evaluate: expected \[\[evaluate\]\] tables"),
        ("seed = 7", "seed 7", "paper.toml: not valid TOML: .*line 2"),
        ('"network"', '"netwrok"', r"methods: unknown model 'netwrok' \(did you mean 'network'\?\)"),
        ('"network"', '"image"', r"methods: method 'image' names an encoder alone; write image\+MODEL"),
        ('"network"', '"a+b+c"', r"methods: method 'a\+b\+c': expected ENCODER\+MODEL or MODEL"),
        ('"network"', '"network[rat=1]"', r"methods: network: unknown key 'rat' \(did you mean 'rate'"),
        ('"network"', "3", r"paper.toml.methods\[0\]: expected a text, found 3"),
        ("null =", "nul =", r"paper.toml: tasks.paper: unknown key 'nul' \(did you mean 'null'\?\)"),
        ('null = "neutral"', "", "paper.toml: tasks.paper: missing null"),
        (
            'null = "neutral"',
            'null = "neutrl"',
            r"tasks.paper.null: unknown class 'neutrl' \(did you mean 'ne",
        ),
        (
            'positive = "sweep"',
            'positive = "hard"',
            "paper.positive: unknown class 'hard'; classes: sweep, ne",
        ),
        ('positive = "sweep"', 'positive = "neutral"', "paper.positive: expected a class but the first"),
        ("train = 100", "train = 0", "tasks.paper.windows: train: expected at least 1, found 0"),
        ("train = 100", "trian = 1", r"tasks.paper.windows: unknown key 'trian' \(did you mean 'train'"),
        (
            "windows =",
            "empty_windows = 'drpo'\nwindows =",
            r"empty_windows: .* found 'drpo' \(did you mean 'drop'",
        ),
        ("mutation_rate", "mutaton_rate", r"paper.toml: tasks.paper.locus: unknown key 'mutaton_rate' \(did"),
        ("{ size = 80_000 }", "{ size = 0 }", "paper.toml: tasks.paper.population: size: "),
        ("{ n_haplotypes = 48 }", "{}", "paper.toml: tasks.paper.sample: missing n_haplotypes"),
        ("population =", "#", "tasks.paper.classes.neutral: missing population"),
        ("s = 0.01", "s = '?'", "tasks.paper.classes.sweep.selection.s: expected a number or a prior"),
        (
            "position = 500",
            "positon = 5",
            r"classes.sweep.selection: unknown key 'positon' \(did you mean 'posi",
        ),
        (
            "position = 500",
            "position = 4999",
            "simulator near cannot do this scenario: the site lies outside",
        ),
        (
            '"near[speed=2]"',
            '"neer"',
            r"classes.sweep.simulator: unknown simulator 'neer' \(did you mean 'near'",
        ),
        ('"near[speed=2]"', '"near[sped=2]"', "classes.sweep.simulator: near: unknown key 'sped'"),
        ('"near[speed=2]"', "3", "classes.sweep.simulator: expected a text, found 3"),
        ('simulator = "near"\n', "", "classes.neutral: expected either a simulator or a dataset"),
        (
            'simulator = "near"\n',
            "simulator = 'near'\ndataset = 'x'\n",
            "expected either a simulator or a data",
        ),
        ('simulator = "near"\n', "dataset = 3\n", r"classes.neutral.dataset: expected a text, found 3"),
        (
            'simulator = "near"\n',
            "simulater = 'x'\n",
            r"unknown key 'simulater' \(did you mean 'simulator'\?\)",
        ),
        (
            'simulator = "near"\n',
            'simulator = "near"\nsample = { n_haplotypes = 24 }\n',
            "found 24 haplotypes, 1000 bp, ploidy 2, ancestral and, for sweep, 48 haplotypes,",
        ),
        (TEXT[TEXT.index("[tasks.paper.classes.n") :], "", r"paper.classes: expected at least two tables"),
        (
            TEXT[TEXT.index("[tasks") :],
            "",
            r"paper.toml: expected at least one \[tasks.NAME\] table, found None",
        ),
        (TEXT[TEXT.index("[tasks") :], "[tasks]\nx = 3", "paper.toml: tasks.x: expected a table, found 3"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_key(read: Any, old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ExperimentError, match=message) as caught:
        read(TEXT.replace(old, new, 1))
    assert str(caught.value).count("paper.toml") == 1, "the file is named, once"
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"nowhere\.toml: cannot be read: "):
        read_experiment(tmp_path / "nowhere.toml", REGISTRY)
    (tmp_path / "bytes.toml").write_bytes(b"seed = '\xff'")
    with pytest.raises(ExperimentError, match=r"bytes\.toml: cannot be read: .*utf-8"):
        read_experiment(tmp_path / "bytes.toml", REGISTRY)


# methods


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("network", Method(Image("rows"), Network())),
        ("image+network", Method(Image(), Network())),
        ("image[names=a;b]+network[rate=1e+1]", Method(Image(names=("a", "b")), Network(10.0))),
        ('image[sort="]+["]+network', Method(Image("]+["), Network())),
    ],
)
def test_a_method_is_spelled_encoder_plus_model(text: str, method: Method) -> None:
    assert Method.parse(text, REGISTRY) == method
    assert Method.parse(method.name, REGISTRY) == method
    assert Method.parse(method.short_name, REGISTRY) == method


def test_a_method_is_called_by_its_model_where_the_encoder_is_that_of_its_paper() -> None:
    assert Method.parse("image[sort=rows]+network[rate=10]", REGISTRY).short_name == "network[rate=10.0]"
    assert Method.parse("image+network", REGISTRY).short_name == "image+network"


def test_a_name_that_two_plugins_claim_is_refused_when_a_method_asks_for_it() -> None:
    class One:
        register_encoders = staticmethod(hookimpl(lambda: [Image]))
        register_models = staticmethod(hookimpl(lambda: [Network, Count]))

    class Other:
        register_encoders = staticmethod(hookimpl(lambda: [Image]))

    registry = Registry.of(One(), Other())
    with pytest.raises(PluginError, match="encoder 'image' is registered by"):
        Method.parse("image+network", registry)


# overrides


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("repetitions=5", ("repetitions",), 5),
        (" seed = 8 ", ("seed",), 8),
        ("name=my run", ("name",), "my run"),
        ("tasks.paper.windows.train=9", ("tasks", "paper", "windows", "train"), 9),
        ("tasks.paper.windows.threshold=9", ("tasks", "paper", "windows", "threshold"), 9),
        ('tasks."paper-s0.5".windows.train=9', ("tasks", "paper-s0.5", "windows", "train"), 9),
        ("tasks.paper.population={size=3}", ("tasks", "paper", "population"), {"size": 3}),
        (
            "tasks.paper.classes.sweep.simulator=near[speed=3]",
            ("tasks", "paper", "classes", "sweep", "simulator"),
            "near[speed=3]",
        ),
    ],
)
def test_any_key_can_be_set(read: Any, override: str, key: tuple[str, ...], value: Any) -> None:
    found: Any = read(TWO, override).table
    expected: Any = read(TWO).table
    inner = expected
    for part in key[:-1]:
        inner = inner.setdefault(part, {})
    inner[key[-1]] = value
    assert found == expected


def test_a_list_of_methods_can_be_set_with_their_lists(read: Any) -> None:
    experiment = read(TEXT, "baselines=false", "methods=image[names=a;b]+network; network")
    assert [m.encoder for m in experiment.methods] == [Image(names=("a", "b")), Image("rows")]


def test_the_last_override_wins_and_repetitions_after_all(read: Any) -> None:
    assert read(TEXT, "seed=1", "seed=2").seed == 2
    assert read(TEXT, "repetitions=3", repetitions=4).repetitions == 4
    with pytest.raises(ExperimentError, match="repetitions: expected at least 1, found 0"):
        read(TEXT, repetitions=0)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "--set 'seed': expected KEY=VALUE, such as repetitions=5"),
        ("=3", "--set '=3': expected KEY=VALUE"),
        ("a b=3", "--set 'a b=3': expected KEY=VALUE"),
        ("seed.x=3", "--set 'seed.x=3': seed in paper.toml is not a table"),
        (
            "tasks.papr.windows.train=3",
            r"unknown task 'papr' \(did you mean 'paper'\?\); paper.toml has paper",
        ),
        ("tasks.paper.windows.tran=3", r"paper.toml: tasks.paper.windows: unknown key 'tran' .*'train'"),
        ("repetition=3", r"paper.toml: unknown key 'repetition' \(did you mean 'repetitions'\?\)"),
        ("repetitions=many", "paper.toml.repetitions: expected a whole number, found 'many'"),
    ],
)
def test_an_override_that_leads_nowhere_is_refused(read: Any, override: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        read(TEXT, override)


# reduced


def test_reduced_changes_what_it_names_and_nothing_else(read: Any) -> None:
    full, small = read(TWO + REDUCED), read(TWO + REDUCED, reduced=True)
    assert "reduced" not in full.table
    for name, task in small.tasks.items():
        assert task.windows == WindowCounts(train=10, test=50)
        assert task.sources == full.tasks[name].sources
    assert [m.model.name for m in small.methods] == ["network", "count"]
    assert small.seed == full.seed


def test_reduced_windows_of_one_task_win_over_those_of_all(read: Any) -> None:
    text = TWO + REDUCED + "tasks.paper.windows = { train = 33, validation = 2 }\n"
    tasks = read(text, reduced=True).tasks
    assert tasks["paper"].windows == WindowCounts(train=33, validation=2, test=50)
    assert tasks["paper-s0.5"].windows == WindowCounts(train=10, test=50)


def test_overrides_come_after_reducing(read: Any) -> None:
    small = read(TEXT + REDUCED, "tasks.paper.windows.train=77", reduced=True)
    assert small.tasks["paper"].windows.train == 77


@pytest.mark.parametrize(
    ("reduced", "message"),
    [
        ("", r"paper.toml: has no \[reduced\] table; run it in full, or use --set"),
        ("reduced = 3", r"has no \[reduced\] table"),
        ("reduced.window = {}", r"paper.toml: reduced: unknown key 'window' \(did you mean 'windows'\?\)"),
        ("reduced.windows = 3", "paper.toml: reduced.windows: expected a table, found 3"),
        ("reduced.tasks = 3", "paper.toml: reduced.tasks: expected a table, found 3"),
        ("reduced.tasks.papr = {}", r"reduced.tasks: unknown key 'papr' \(did you mean 'paper'\?\)"),
        ("reduced.windows.train = 'few'", "tasks.paper.windows.train: expected a whole number, found 'few'"),
    ],
)
def test_a_reduced_table_that_is_wrong_is_refused(read: Any, reduced: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        read(f"{reduced}\n{TEXT}", reduced=True)


@pytest.mark.parametrize("tasks", ["tasks = 3", "[tasks]\npaper = 3", "[tasks.paper]\nwindows = 3"])
def test_a_broken_file_is_still_refused_by_key_when_reduced(read: Any, tasks: str) -> None:
    with pytest.raises(ExperimentError, match=r"paper\.toml: .*tasks"):
        read(f"seed = 1\n{tasks}\n{REDUCED}", reduced=True)


# train here, test there


def trainings_of(experiment: Experiment) -> list[tuple[str, str, int, tuple[str, ...]]]:
    return [
        (
            training.task.name,
            training.method.model.name,
            training.repetition,
            tuple(t.name for t in training.test_tasks),
        )
        for training in experiment.trainings()
    ]


def test_every_task_is_tested_on_itself_by_default(read: Any) -> None:
    assert trainings_of(read(TWO, "repetitions=2", "methods=[]")) == [
        (task, "count", repetition, (task,)) for repetition in (0, 1) for task in ("paper", "paper-s0.5")
    ]
    assert next(read(TEXT).trainings()).name == "paper · image[sort=rows]+network · repetition 0"


EVALUATE = '\n[[evaluate]]\ntrain = "{}"\ntest = {}\n'


def test_a_task_may_be_tested_on_others(read: Any) -> None:
    experiment = read(
        TWO + EVALUATE.format("paper", '["paper", "paper-s0.5", "paper"]'), "methods=[]", "repetitions=1"
    )
    assert trainings_of(experiment) == [("paper", "count", 0, ("paper", "paper-s0.5"))]


def test_two_tables_of_one_training_task_are_one_training(read: Any) -> None:
    text = TWO + EVALUATE.format("paper", '["paper-s0.5"]') + EVALUATE.format("paper", '["paper"]')
    assert trainings_of(read(text, "methods=[]", "repetitions=1")) == [
        ("paper", "count", 0, ("paper-s0.5", "paper"))
    ]


@pytest.mark.parametrize(
    ("evaluate", "message"),
    [
        (("papr", "[]"), r"evaluate\[0\]: unknown task 'papr' \(did you mean 'paper'\?\); it has paper, "),
        (("paper", '["paper-s5"]'), r"evaluate\[0\]: unknown task 'paper-s5' \(did you mean 'paper-s0.5'"),
        (("paper", "[]"), r"evaluate\[0\].test: expected at least one task, found none"),
        (("paper", "[3]"), r"evaluate\[0\].test\[0\]: expected a text, found 3"),
        (("paper", '["paper"]\ntset = 3'), r"evaluate\[0\]: unknown key 'tset' \(did you mean 'test'\?\)"),
    ],
)
def test_an_evaluation_that_is_wrong_is_refused(read: Any, evaluate: tuple[str, str], message: str) -> None:
    with pytest.raises(ExperimentError, match=f"paper.toml: {message}"):
        read(TWO + EVALUATE.format(*evaluate))


@pytest.mark.parametrize(
    "change",
    ['tasks."paper-s0.5".locus.sequence_length=999', 'tasks."paper-s0.5".sample.n_haplotypes=24'],
)
def test_tasks_of_other_windows_cannot_test_each_other(read: Any, change: str) -> None:
    text = TWO + EVALUATE.format("paper", '["paper-s0.5"]')
    read(text)
    with pytest.raises(
        ExperimentError, match=r"cannot train on paper and test on paper-s0.5: expected the same"
    ):
        read(text, change)


def test_tasks_of_other_classes_cannot_test_each_other(read: Any) -> None:
    text = TWO.replace('"paper-s0.5".classes.sweep', '"paper-s0.5".classes.soft')
    text = text[: text.rindex('"sweep"')] + '"soft"' + text[text.rindex('"sweep"') + 7 :]
    read(text)
    with pytest.raises(ExperimentError, match=r"cannot train on paper .*'sweep'.*'soft'"):
        read(text + EVALUATE.format("paper", '["paper-s0.5"]'))


# selecting


def test_methods_are_selected_in_full_or_by_their_model(read: Any) -> None:
    experiment = read(TEXT)
    names = [m.name for m in experiment.methods]
    assert [m.name for m in experiment.selected(methods=["network"]).methods] == names[:2]
    assert [m.name for m in experiment.selected(methods=["count", names[0]]).methods] == [names[0], names[2]]
    for shown in (experiment.labels[names[1]], experiment.methods[1].short_name):
        assert [m.name for m in experiment.selected(methods=[shown]).methods] == [names[1]]
    with pytest.raises(
        ExperimentError, match=r"method 'netwrk' is not in paper \(did you mean 'network'\?\).*its file"
    ):
        experiment.selected(methods=["network", "netwrk"])


def test_tasks_are_selected_by_what_is_trained_on(read: Any) -> None:
    experiment = read(TWO, "methods=[]", "repetitions=1")
    assert experiment.selected() == experiment
    assert [c[0] for c in trainings_of(experiment.selected(tasks=["paper-s0.5"]))] == ["paper-s0.5"]
    matrix = read(TWO + EVALUATE.format("paper", '["paper", "paper-s0.5"]'), "methods=[]")
    assert trainings_of(matrix.selected(tasks=["paper"])) == trainings_of(matrix)
    with pytest.raises(
        ExperimentError, match=r"task 'papr' is not in paper \(did you mean 'paper'\?\); trained"
    ):
        experiment.selected(tasks=["papr"])


def test_a_task_that_is_only_tested_on_cannot_be_selected(read: Any) -> None:
    matrix = read(TWO + EVALUATE.format("paper", '["paper", "paper-s0.5"]'))
    with pytest.raises(ExperimentError, match=r"task 'paper-s0.5' is only tested on.*; trained on are paper"):
        matrix.selected(tasks=["paper-s0.5"])


def test_each_repetition_has_training_and_validation_windows_of_its_own(read: Any) -> None:
    """Test and threshold windows never change, and a smaller training set is a prefix within a repetition."""
    experiment = read(TEXT)
    task = experiment.tasks["paper"]
    assert (experiment.repetitions, experiment.resample_training) == (5, True)
    for split, n_streams in (("train", 10), ("validation", 10), ("test", 2), ("threshold", 1)):
        every = experiment.every_portion(task, split=split)
        assert len({portion.seed(experiment.seed) for portion in every}) == len(every) == n_streams
    smaller = task.with_training_size(1)
    seeds = [
        [portion.seed(7) for portion in experiment.portions(of, split="train", repetition=3)]
        for of in (task, smaller)
    ]
    assert seeds[0] == seeds[1]
    shared = read(TEXT, "resample_training=false")
    assert len(shared.every_portion(task, split="train")) == 2


def test_repetitions_extend_without_reordering(read: Any) -> None:
    two, three = (trainings_of(read(TWO, f"repetitions={n}")) for n in (2, 3))
    assert three[: len(two)] == two
    assert len(three) == 3 * 2 * 3
    assert np.array([training[2] for training in three]).tolist() == sorted(training[2] for training in three)


LIKE = """
seed = 1
methods = ["network"]
baselines = false

[tasks.base]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 8 }
locus = { sequence_length = 1000, mutation_rate = 1e-8, recombination_rate = 1e-8 }
population = { size = 1000 }
windows = { train = 100, validation = 10, test = 10, threshold = 0 }
[tasks.base.classes.neutral]
simulator = "near"
[tasks.base.classes.sweep]
simulator = "near"
selection = { s = 0.01, h = 0.5, position = 500, present_frequency = 0.5 }

[tasks.strong]
like = "base"
classes.sweep.selection.s = 0.1

[tasks.stronger]
like = "strong"
windows.test = 20
classes.sweep.selection.s = 0.2

[reduced]
windows.train = 20
"""


def test_a_task_like_another_differs_in_what_it_says(read):
    experiment = read(LIKE)
    strengths = {}
    for name, task in experiment.tasks.items():
        scenario = simulated(task.sources["sweep"]).scenario
        assert scenario is not None
        assert scenario.selection is not None
        strengths[name] = scenario.selection.s
        assert scenario.selection.position == 500
    assert strengths == pytest.approx({"base": 0.01, "strong": 0.1, "stronger": 0.2})
    assert [task.windows.test for task in experiment.tasks.values()] == [10, 10, 20]
    assert "like" not in experiment.table["tasks"]["stronger"], "the run folder holds tasks written out"


def test_what_is_set_of_a_task_holds_for_those_that_are_like_it(read):
    experiment = read(LIKE, "tasks.base.windows.test=7")
    assert [task.windows.test for task in experiment.tasks.values()] == [7, 7, 20]
    whole = read(LIKE, "tasks.strong.windows.test=7")
    assert [task.windows.test for task in whole.tasks.values()] == [10, 7, 20]


def test_a_name_that_stands_for_several_methods_says_which(read):
    experiment = read(TEXT)
    assert len(experiment.named("network")) == 2
    assert len(experiment.named("count")) == 1


def test_a_reduced_form_reaches_tasks_that_are_like_others(read):
    experiment = read(LIKE, reduced=True)
    assert {task.windows.train for task in experiment.tasks.values()} == {20}


@pytest.mark.parametrize(
    ("like", "said"),
    [
        ('"bose"', r"expected another task \(did you mean 'base'\?\)"),
        ("3", "found 3"),
        ('"stronger"', "circle"),
    ],
)
def test_a_task_like_none_is_refused(read, like, said):
    text = LIKE.replace('like = "base"', f"like = {like}")
    with pytest.raises(ExperimentError, match=rf"paper.toml: tasks.*like: .*{said}"):
        read(text)


def test_training_sizes_are_tasks_that_share_the_windows_of_the_whole(read):
    text = LIKE.replace(
        "[tasks.base.classes.neutral]", "training_sizes = [10, 50]\n[tasks.base.classes.neutral]", 1
    )
    text = text.replace('like = "base"', 'like = "base"\ntraining_sizes = []')
    experiment = read(text)
    assert list(experiment.tasks) == ["base", "base@50", "base@10", "strong", "stronger"]
    trainings = {
        training.task.name: [task.name for task in training.test_tasks] for training in experiment.trainings()
    }
    assert trainings["base@10"] == trainings["base@50"] == trainings["base"] == ["base"]
    whole, part = experiment.tasks["base"], experiment.tasks["base@10"]
    for split in ("train", "validation", "test"):
        for a, b in zip(portions(whole, split=split), portions(part, split=split), strict=True):
            assert a.seed(1) == b.seed(1) == stream_seed(1, "windows", "base", a.label, split)
    assert [portion.n_windows for portion in portions(part, split="train")] == [10, 10]
    assert part.windows.test == whole.windows.test


def test_the_curve_comes_along_where_its_task_is_selected(read):
    text = LIKE.replace(
        "[tasks.base.classes.neutral]", "training_sizes = [10]\n[tasks.base.classes.neutral]", 1
    )
    text = text.replace('like = "base"', 'like = "base"\ntraining_sizes = []')
    experiment = read(text, "repetitions=1")
    assert [c.task.name for c in experiment.selected(tasks=["base"]).trainings()] == ["base", "base@10"]
    assert [c.task.name for c in experiment.selected(tasks=["base@10"]).trainings()] == ["base@10"]


@pytest.mark.parametrize("sizes", ["[100]", "[0]", "[500]"])
def test_training_sizes_are_fewer_than_all(read, sizes):
    text = LIKE.replace(
        "[tasks.base.classes.neutral]", f"training_sizes = {sizes}\n[tasks.base.classes.neutral]", 1
    )
    with pytest.raises(ExperimentError, match=r"tasks\.base: training_sizes: expected numbers from 1 to 99"):
        read(text)


def test_a_list_of_training_tasks_is_trained_on_one_by_one(read):
    names = '["base", "strong", "stronger"]'
    text = LIKE.replace("[reduced]", f"[[evaluate]]\ntrain = {names}\ntest = {names}\n\n[reduced]")
    trainings = {
        training.task.name: [task.name for task in training.test_tasks] for training in read(text).trainings()
    }
    assert list(trainings) == ["base", "strong", "stronger"]
    assert all(tests == list(trainings) for tests in trainings.values())


def test_an_evaluation_without_training_task_is_refused(read):
    text = LIKE.replace("[reduced]", '[[evaluate]]\ntrain = []\ntest = ["base"]\n\n[reduced]')
    with pytest.raises(ExperimentError, match=r"evaluate\[0\]\.train: expected at least one task"):
        read(text)


def test_a_task_read_from_datasets_alone_may_not_contradict_them(read: Any, tmp_path: Path) -> None:
    write_dataset(tmp_path / "d.parquet", [], DatasetMetadata(WindowSpec(48, 1000)))
    text = TEXT.replace('simulator = "near[speed=2]"\nselection = { s = 0.01, position = 500 }', "SOURCE")
    text = text.replace('simulator = "near"', "SOURCE").replace("SOURCE", 'dataset = "d.parquet"')
    assert read(text).tasks["paper"].spec == WindowSpec(48, 1000)
    with pytest.raises(
        ExperimentError, match=r"paper\.locus\.sequence_length: 500, but the windows .* have 1000"
    ):
        read(text.replace("sequence_length = 1000", "sequence_length = 500"))
    kept = [line for line in text.splitlines() if not line.startswith(("sample", "locus", "population"))]
    assert read("\n".join(kept)).tasks["paper"].spec == WindowSpec(48, 1000)
    begun = read("\n".join([*kept[:6], "locus = { sequence_length = 1000 }", *kept[6:]]))
    assert begun.tasks["paper"].spec == WindowSpec(48, 1000), "no rates are needed for windows that are there"
