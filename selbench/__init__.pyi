# The public names of selbench, declared here and nowhere else: the type checker reads this file, and so does
# selbench/__init__.py, which loads a name from the room that stands beside it when it is first used.
# A name that comes from `selbench` itself is a room.

from selbench import adapters as adapters
from selbench import formats as formats
from selbench import plugin as plugin
from selbench import scenario as scenario
from selbench import statistics as statistics
from selbench import streams as streams
from selbench import windows as windows
from selbench.bench import Run as Run
from selbench.bench import compare as compare
from selbench.bench import fit as fit
from selbench.bench import load_method as load_method
from selbench.bench import open_run as open_run
from selbench.bench import read_ms as read_ms
from selbench.bench import read_vcf as read_vcf
from selbench.bench import run as run
from selbench.bench import simulate as simulate
from selbench.errors import DataError as DataError
from selbench.errors import ExperimentError as ExperimentError
from selbench.errors import PluginError as PluginError
from selbench.errors import SelbenchError as SelbenchError
from selbench.errors import SimulatorError as SimulatorError
from selbench.errors import UnsupportedError as UnsupportedError
from selbench.plugin import Answer as Answer
from selbench.plugin import Chart as Chart
from selbench.plugin import Check as Check
from selbench.plugin import Citation as Citation
from selbench.plugin import Component as Component
from selbench.plugin import DesignedFor as DesignedFor
from selbench.plugin import Encoder as Encoder
from selbench.plugin import Metric as Metric
from selbench.plugin import Model as Model
from selbench.plugin import Observer as Observer
from selbench.plugin import ParsedCommand as ParsedCommand
from selbench.plugin import Predictor as Predictor
from selbench.plugin import Profile as Profile
from selbench.plugin import Progress as Progress
from selbench.plugin import Reader as Reader
from selbench.plugin import Registry as Registry
from selbench.plugin import RunBegan as RunBegan
from selbench.plugin import RunEnded as RunEnded
from selbench.plugin import RunListener as RunListener
from selbench.plugin import Scanner as Scanner
from selbench.plugin import Simulator as Simulator
from selbench.plugin import Statistic as Statistic
from selbench.plugin import Stretch as Stretch
from selbench.plugin import Table as Table
from selbench.plugin import TrainingEnded as TrainingEnded
from selbench.plugin import check as check
from selbench.plugin import hookimpl as hookimpl
from selbench.plugin import metric as metric
from selbench.plugin import population as population
from selbench.plugin import section as section
from selbench.plugin import statistic as statistic
from selbench.scenario import Epoch as Epoch
from selbench.scenario import Locus as Locus
from selbench.scenario import Population as Population
from selbench.scenario import Prior as Prior
from selbench.scenario import Sample as Sample
from selbench.scenario import Scenario as Scenario
from selbench.scenario import Selection as Selection
from selbench.scenario import Trajectory as Trajectory
from selbench.trained import TrainedMethod as TrainedMethod
from selbench.windows import Examples as Examples
from selbench.windows import FeatureSpec as FeatureSpec
from selbench.windows import Windows as Windows
from selbench.windows import WindowSpec as WindowSpec

__version__: str
__all__: list[str]
