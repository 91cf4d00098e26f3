import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench.report.html.svg import Scale, dot, drawing, path, spread_apart, square_frame, text

finite = st.floats(-1e4, 1e4, allow_nan=False)


def test_scales_map_their_ends_and_keep_what_lies_outside_at_the_edge():
    linear = Scale(0.5, 1.0, 40, 240)
    assert linear([0.5, 0.75, 1.0, 0.2]).tolist() == [40, 140, 240, 40]
    logarithmic = Scale(0.001, 1.0, 0, 300, logarithmic=True)
    assert logarithmic([0.001, 0.01, 1.0, 0.0]) == pytest.approx([0, 100, 300, 0])


@given(low=finite, span=st.floats(1e-3, 1e4))
def test_ticks_are_few_round_and_inside(low, span):
    scale = Scale(low, low + span, 0, 1)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 7
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0] if len(steps) else 0, rtol=1e-3)


def test_logarithmic_ticks_are_powers_of_ten():
    assert Scale(0.001, 1, 0, 1, True).ticks() == pytest.approx([0.001, 0.01, 0.1, 1])
    assert Scale(0.5, 200, 0, 1, True).ticks() == pytest.approx([1, 10, 100])


@given(st.lists(st.floats(0, 1000), max_size=20), st.floats(0.1, 30))
def test_labels_stand_apart_in_their_order(wanted, gap):
    placed = spread_apart(wanted, gap)
    order = np.argsort(wanted, kind="stable")
    sorted_places = np.array(placed)[order]
    assert (np.diff(sorted_places) >= gap - 1e-9).all()
    assert all(place >= want for place, want in zip(placed, wanted, strict=True))


def test_labels_that_reach_below_a_drawing_are_moved_up_again() -> None:
    assert spread_apart([80, 90, 95], 15, 100) == [70, 85, 100]
    assert spread_apart([10, 50], 15, 100) == [10, 50]


def test_a_line_keeps_its_corners_and_drops_what_lies_between():
    steps = path(np.array([0.0, 0, 0, 5, 5, 9]), np.array([0.0, 4, 8, 8, 8, 3]), "curve")
    assert 'd="M0 0L0 8L5 8L9 3"' in steps


def test_drawings_are_well_formed_whatever_is_written_in_them():
    frame = square_frame(200, "a < b", 'said & "done"')
    drawn = drawing(200, 200, "<label>", frame.grid(), text(1, 2, "<&>", "tick"), dot(1, 2, 3, "dot", "<t>"))
    root = ElementTree.fromstring(str(drawn))
    assert root.attrib["aria-label"] == "<label>"
    assert "<&>" in "".join(root.itertext())
