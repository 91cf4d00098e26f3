"""What holds for every component: its name and options are its identity."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from selbench.errors import PluginError, SelbenchError
from selbench.plugin import Component, build_component, options_of, parse_spelling, spelling, summary


class ComponentContract:
    """What holds for every component.

    Attributes
    ----------
    component : Component
    """

    component: ClassVar[Any]
    given: ClassVar[Mapping[str, str]] = {"component": "what is held to the contract, such as MyEncoder()"}
    """What a test class must set, and what it is."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a test class that lacks what its tests need, before any of them fails for it."""
        super().__init_subclass__(**options)
        for name, meaning in cls.given.items():
            if cls.__name__.startswith("Test") and not hasattr(cls, name):
                raise PluginError(f"{cls.__name__}: expected `{name} = …` in the class: {meaning}")

    def test_it_is_rebuilt_by_its_options(self) -> None:
        component: Component = self.component
        assert build_component(type(component), options_of(component)) == component

    def test_it_is_rebuilt_by_its_spelling(self) -> None:
        component: Component = self.component
        name, options = parse_spelling(spelling(component))
        assert name == component.name
        assert build_component(type(component), options) == component

    def test_it_travels_between_processes(self) -> None:
        # pickling is what is tested: it is how a job gets to a worker, and nothing from a file is read here
        assert pickle.loads(pickle.dumps(self.component)) == self.component

    def test_a_misspelt_option_is_refused_by_name(self) -> None:
        with pytest.raises(SelbenchError, match="no_such_option"):
            build_component(type(self.component), {"no_such_option": 1})

    def test_it_says_what_it_is_in_one_line(self) -> None:
        assert summary(type(self.component)), "the first line of the class docstring stands in listings"

    def test_its_citations_are_complete(self) -> None:
        for citation in self.component.citations:
            assert citation.year > 1900
            assert citation.bibtex().count("{") == citation.bibtex().count("}")
