"""One id, one label and one folder name for every method; no two names share a folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench.errors import ExperimentError
from selbench.run_folder.names import (
    LONGEST,
    MethodName,
    check_file_names,
    file_name,
    find_method,
    name_methods,
    predictor_name,
)
from selbench.tables import method_labels

MANY_STATISTICS = "statistics[names=" + ";".join(f"statistic_{i}" for i in range(20)) + "]+logistic"


def test_plain_names_stay_as_they_are() -> None:
    assert file_name("statistics+logistic") == "statistics-with-logistic"
    assert predictor_name("study", "statistics+logistic", 2) == "study.statistics-with-logistic.r2"


@given(st.text(max_size=80), st.text(max_size=80))
def test_two_names_never_become_one(a: str, b: str) -> None:
    assert (file_name(a) == file_name(b)) == (a == b)


@given(st.text(max_size=400))
def test_a_name_among_files_is_short_and_plain(text: str) -> None:
    name = file_name(text)
    assert 0 < len(name) <= LONGEST
    assert name[0] not in ".-" or name == text
    assert all(c.isascii() and (c.isalnum() or c in "-_.") for c in name)


def test_names_that_used_to_share_a_folder_have_their_own() -> None:
    names = ["a b", "a-b", "αβ", "γδ", "..", "", "a+b", "a-with-b"]
    assert len({file_name(name) for name in names}) == len(names)


def test_a_method_with_twenty_statistics_has_a_folder_name_that_every_disk_takes() -> None:
    name = predictor_name("t" * 220, MANY_STATISTICS, 12)
    assert len(f".{name}.1234567.tmp") < 143, "what an encrypted home folder of Linux takes"


def test_names_that_differ_by_case_alone_are_refused_before_anything_is_made() -> None:
    check_file_names(["a", "b"], ["x+y", "x+z"])
    with pytest.raises(ExperimentError, match=r"task 'Study': expected a name of its own .* 'study'"):
        check_file_names(["study", "Study"], [])


def test_eight_variants_of_a_method_are_called_by_eight_names() -> None:
    spelled = [f"image+mo[mode={mode}]" for mode in "abcdefgh"]
    labels = method_labels({name: ("image", name.partition("+")[2], "image") for name in spelled})
    names = name_methods(labels)
    assert len({name.label for name in names.values()}) == 8
    assert "mo" not in {name.label for name in names.values()}
    assert len({name.folder for name in names.values()}) == 8


def test_a_method_is_found_by_each_of_its_names_and_the_nearest_is_offered() -> None:
    name = MethodName("statistics+logistic", "logistic", "statistics-with-logistic")
    for wanted in name.all:
        assert find_method(wanted, [name], where="here") == name
    with pytest.raises(ExperimentError, match=r"method 'logstic' is not in here \(did you mean 'logistic'"):
        find_method("logstic", [name], where="here")
