"""Run an experiment: simulate what is missing, train and test what is missing, write the run folder."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from selbench.errors import SelbenchError
from selbench.experiment import Experiment, KeptWindows, Portion, Split, Task
from selbench.foreign.json import parse_json
from selbench.plugin import TrainingEnded, spelling
from selbench.runner.blocks import FILE, windows_from_bytes
from selbench.runner.events import Listener, StageBegan, TrainingSkipped, ignore
from selbench.runner.executors import Executor
from selbench.runner.jobs import COST, RANGES, BlockJob, TrainingJob, TrainingResult
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.portion_files import PortionFiles, TestSet
from selbench.runner.promised import expect_promised_windows
from selbench.runner.store import Store, key_of
from selbench.windows import Windows


@dataclass(frozen=True)
class TrainingOutcome:
    """What became of a training."""

    planned: PlannedTraining
    status: str
    reason: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class RunOutcome:
    """What became of a run.

    Parameters
    ----------
    blocks : mapping of str to tuple of Path
        Block files of every portion, by the portion's key.
    """

    plan: Plan
    trainings: tuple[TrainingOutcome, ...]
    blocks: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    def files_of(self, portion: Portion) -> PortionFiles:
        """Return the portion with the block files that it is read from."""
        return PortionFiles(portion, self.blocks.get(self.plan.portion_key(portion), ()))

    def kept(self, portion: Portion) -> KeptWindows:
        """Return a portion's windows: from the store or where they are read, else simulated again.

        Raises
        ------
        NotKnown
            If only a program that may not be started can make them.
        """
        files = self.files_of(portion)
        if files.blocks or not portion.source.makes_more:
            return files.kept()
        for simulator in portion.source.simulators:
            self.plan.identities.expect_leave(simulator)
        return portion.source.complete(portion, experiment_seed=self.plan.experiment.seed)


def run_experiment(
    experiment: Experiment,
    store: Store,
    executor: Executor,
    *,
    observe: Listener = ignore,
    fail_fast: bool = False,
) -> RunOutcome:
    """Do what is missing of an experiment: `run_plan` of all its trainings."""
    return run_plan(Plan(experiment, store), executor, observe=observe, fail_fast=fail_fast)


def run_plan(
    plan: Plan,
    executor: Executor,
    *,
    chosen: Collection[str] | None = None,
    observe: Listener = ignore,
    fail_fast: bool = False,
) -> RunOutcome:
    """Do what is missing of a plan, and leave every result in the store.

    A training that fails is an outcome with its error, not the end of the run.

    Parameters
    ----------
    chosen : collection of str, optional
        Names of the trainings to do; by default all of the plan.

    Raises
    ------
    SelbenchError
        With `fail_fast`, at the first failure; where windows need a file that is damaged, before any work;
        where test windows are not those that a suite promises, before anything is trained.
    """
    began = time.perf_counter()
    wanted = [t for t in plan.trainings if chosen is None or t.training.name in chosen]
    for planned in wanted:
        if planned.skip:
            observe(TrainingSkipped(planned.training.name, planned.skip))
    blocks, faults = _simulate(plan, wanted, executor, observe, fail_fast)
    expect_promised_windows(plan, wanted, blocks)
    trainings = _train_and_test(plan, wanted, blocks, faults, executor, observe, fail_fast)
    return RunOutcome(plan, tuple(trainings), blocks, time.perf_counter() - began)


def with_earlier(outcome: RunOutcome) -> RunOutcome:
    """Add what is done already of the plan, such as the methods that were not chosen this time."""
    plan = outcome.plan
    ran = {training.planned.training.name: training for training in outcome.trainings}
    trainings = [
        ran.get(planned.training.name) or TrainingOutcome(planned, "done")
        for planned in plan.trainings
        if planned.training.name in ran or plan.state(planned) == "done"
    ]
    earlier = {
        key: files
        for portion in plan.portions()
        if (key := plan.portion_key(portion)) not in outcome.blocks
        and (files := _blocks_in_store(plan, portion))
    }
    return replace(outcome, trainings=tuple(trainings), blocks={**outcome.blocks, **earlier})


def _blocks_in_store(plan: Plan, portion: Portion) -> tuple[Path, ...]:
    """Return the block files of a portion, or none where one is missing."""
    done, needed = 0, -1
    while needed != done:
        done = max(needed, 0)
        needed = _blocks_needed(plan, portion, done, {}, "")
        if not all(plan.store.has("windows", plan.block_key(portion, block)) for block in range(needed)):
            return ()
    return tuple(_block_file(plan, portion, block) for block in range(done))


def _simulate(
    plan: Plan, wanted: Sequence[PlannedTraining], executor: Executor, observe: Listener, fail_fast: bool
) -> tuple[dict[str, tuple[Path, ...]], dict[str, str]]:
    """Simulate the missing blocks, round by round until every portion is full.

    Returns the block files, and the errors, by the portion's key.
    """
    lacking = {plan.portion_key(portion): portion for portion in plan.portions(wanted)}
    blocks: dict[str, tuple[Path, ...]] = {}
    faults: dict[str, str] = {}
    done = dict.fromkeys(lacking, 0)
    while lacking:
        jobs: dict[str, BlockJob] = {}
        owners: dict[str, list[str]] = {}
        for key, portion in list(lacking.items()):
            needed = _blocks_needed(plan, portion, done[key], faults, key)
            if needed <= done[key]:
                blocks[key] = tuple(_block_file(plan, portion, block) for block in range(needed))
                del lacking[key]
                continue
            for block in range(done[key], needed):
                block_key = plan.block_key(portion, block)
                if not plan.store.has("windows", block_key):
                    job = jobs.setdefault(block_key, _block_job(plan, portion, block))
                    owners.setdefault(job.name, []).append(key)
            done[key] = needed
        if not jobs:
            continue
        observe(StageBegan("simulate", tuple((job.name, job.kind) for job in jobs.values()), 0))
        for outcome in executor.run(list(jobs.values()), observe):
            if outcome.error:
                if fail_fast:
                    raise SelbenchError(f"{outcome.job.name}: {outcome.error}")
                for key in owners[outcome.job.name]:
                    faults.setdefault(key, f"{outcome.job.name}: {outcome.error}")
                    lacking.pop(key, None)
            else:
                _store_block(plan, outcome.job, outcome.result)
    return blocks, faults


def _blocks_needed(plan: Plan, portion: Portion, done: int, faults: dict[str, str], key: str) -> int:
    def read(block: int) -> Windows:
        return windows_from_bytes(_block_file(plan, portion, block))

    try:
        return portion.source.blocks_needed(portion, read, done)
    except SelbenchError as problem:
        faults[key] = str(problem)
        return done


def _block_job(plan: Plan, portion: Portion, block: int) -> BlockJob:
    portion.source.prepare()
    again = "" if portion.repetition is None else f" (repetition {portion.repetition})"
    return BlockJob(
        name=f"{portion.task.name} · {portion.label} · {portion.split}{again} · block {block}",
        kind=f"{portion.task.name} · {portion.label}",
        portion=portion,
        block=block,
        experiment_seed=plan.experiment.seed,
    )


def _block_file(plan: Plan, portion: Portion, block: int) -> Path:
    return plan.store.path("windows", plan.block_key(portion, block)) / FILE


def _store_block(plan: Plan, job: BlockJob, result: Any) -> None:
    made_by = plan.block_made_by(job.portion, job.block)
    cost = {"seconds": result.seconds, "cpu_seconds": result.cpu_seconds}
    files = {FILE: result.content, COST: json.dumps(cost).encode()}
    plan.store.put("windows", key_of(made_by), files, made_by)


def _train_and_test(
    plan: Plan,
    wanted: Sequence[PlannedTraining],
    blocks: Mapping[str, tuple[Path, ...]],
    faults: Mapping[str, str],
    executor: Executor,
    observe: Listener,
    fail_fast: bool,
) -> list[TrainingOutcome]:
    outcomes: dict[str, TrainingOutcome] = {}
    jobs, owners = [], {}
    for planned in wanted:
        name = planned.training.name
        fault = next(
            (faults[key] for p in planned.portions() if (key := plan.portion_key(p)) in faults),
            "",
        )
        if planned.skip:
            outcomes[name] = TrainingOutcome(planned, "skipped", planned.skip)
            observe(_told(planned, "skipped", planned.skip))
        elif plan.is_done(planned) and not plan.missing_tests(planned):
            outcomes[name] = TrainingOutcome(planned, "done")
        elif fault:
            outcomes[name] = TrainingOutcome(planned, "failed", fault)
            observe(_told(planned, "failed", fault))
        else:
            jobs.append(_training_job(plan, planned, blocks))
            owners[name] = planned
    done_before = sum(outcome.status == "done" for outcome in outcomes.values())
    observe(StageBegan("train", tuple((job.name, job.kind) for job in jobs), done_before))
    for outcome in executor.run(jobs, observe) if jobs else ():
        planned = owners[outcome.job.name]
        if outcome.error and fail_fast:
            raise SelbenchError(f"{outcome.job.name}: {outcome.error}")
        if not outcome.error:
            _store_training(plan, planned, outcome.result)
        status: Literal["failed", "done"] = "failed" if outcome.error else "done"
        observe(_told(planned, status, outcome.error, outcome.result))
        outcomes[outcome.job.name] = TrainingOutcome(planned, status, outcome.error, outcome.traceback)
    return [outcomes[planned.training.name] for planned in wanted]


def _told(
    planned: PlannedTraining,
    status: Literal["done", "failed", "skipped"],
    reason: str,
    result: TrainingResult | None = None,
) -> TrainingEnded:
    """Return what observers are told of a training that ended."""
    training = planned.training
    saved = result.files.get(COST) if result is not None else None
    cost = parse_json(saved, f"{training.name}: its cost") if saved else {}
    return TrainingEnded(
        task=training.task.name,
        method=training.method.name,
        method_label=training.shown_method,
        repetition=training.repetition,
        status=status,
        reason=reason,
        seconds=cost.get("seconds", {}),
        n_parameters=cost.get("n_parameters"),
        history={name: tuple(values) for name, values in cost.get("history", {}).items()},
    )


def _training_job(
    plan: Plan, planned: PlannedTraining, blocks: Mapping[str, tuple[Path, ...]]
) -> TrainingJob:
    def files(wanted: tuple[Portion, ...]) -> tuple[PortionFiles, ...]:
        return tuple(PortionFiles(p, blocks.get(plan.portion_key(p), ())) for p in wanted)

    training = planned.training
    fitted = plan.is_fitted(planned)
    return TrainingJob(
        name=training.name,
        kind=f"{training.task.name} · {training.shown_method}",
        task=training.task,
        method=training.method,
        train=() if fitted else files(planned.train),
        validation=() if fitted else files(planned.validation),
        target=() if fitted else files(planned.target),
        tests=tuple(
            TestSet(task, split, files(planned.windows_of(task, split)))
            for task, split in plan.missing_tests(planned)
        ),
        seed=planned.seed,
        provenance={
            "experiment": plan.experiment.name,
            "task": training.task.name,
            "encoder": spelling(training.method.encoder),
            "model": spelling(training.method.model),
            "repetition": training.repetition,
            "seed": planned.seed,
        },
        fitted=plan.store.path("predictors", planned.predictor_key) if fitted else None,
        ranges=None if fitted else plan.store.path("ranges", planned.ranges_key) / RANGES,
    )


def _store_training(plan: Plan, planned: PlannedTraining, result: TrainingResult) -> None:
    if result.files:
        plan.store.put("predictors", planned.predictor_key, result.files, planned.predictor_made_by)
    if result.ranges:
        plan.store.put("ranges", planned.ranges_key, {RANGES: result.ranges}, planned.ranges_made_by)
    by_name: dict[tuple[str, Split], Task] = {(task.name, split): task for task, split in planned.asked}
    for (name, split), content in result.predictions.items():
        made_by = planned.predictions_made_by(plan, by_name[name, split], split)
        plan.store.put("predictions", key_of(made_by), {"predictions.npz": content}, made_by)
