"""What every population by name keeps."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, ClassVar

import pytest

from selbench.plugin import PopulationProvider, population_of
from selbench.scenario import Population
from selbench.tables import convert, to_table


class PopulationContract:
    """What every population by name keeps.

    Attributes
    ----------
    population : function marked with `selbench.population`, in a ``staticmethod``, or a `PopulationProvider`
    examples : tuple
        Values that it takes, two at least, of different populations; by default those that it names itself.
    """

    population: ClassVar[Any]
    examples: ClassVar[tuple[Any, ...]] = ()

    @property
    def described(self) -> PopulationProvider:
        found = getattr(self.population, "population", self.population)
        assert isinstance(found, PopulationProvider), "expected a function marked with @population(…)"
        return found

    @property
    def values(self) -> tuple[Any, ...]:
        values = self.examples or self.described.examples
        if not values:
            pytest.skip("names no examples of values that it takes")
        return values

    def asked(self, value: Any) -> Population:
        return population_of(self.described, value, where=self.described.name)

    def test_it_returns_a_population_for_each_example(self) -> None:
        for value in self.values:
            self.asked(value)  # raises in words otherwise

    def test_different_examples_are_different_populations(self) -> None:
        values = self.values
        assert len(values) > 1, "expected two examples at least"
        found = [self.asked(value) for value in values]
        same = [values[i] for i in range(1, len(values)) if found[i] in found[:i]]
        assert not same, f"{same[0]!r} is the same population as another example"

    def test_it_changes_nothing_and_repeats(self) -> None:
        for value in self.values:
            told = deepcopy(value)
            first = self.asked(told)
            assert told == value, "it changes what it is told"
            assert self.asked(told) == first, "the same value is another population the second time"

    def test_what_it_returns_can_be_written_down(self) -> None:
        for value in self.values:
            found = self.asked(value)
            assert convert(to_table(found), Population, where=self.described.name) == found

    def test_it_says_what_it_is_and_after_whom(self) -> None:
        assert self.described.meaning
        assert self.described.citation
