"""Whether classes lost unlike shares of their windows is told as textbooks tell it."""

from __future__ import annotations

import numpy as np
import pytest

from selbench.audit.origins import chi_square_p_value


@pytest.mark.parametrize(
    "table", [[(3, 97), (9, 391)], [(30, 70), (1, 99)], [(5, 95), (5, 95)], [(12, 8), (3, 17), (40, 60)]]
)
def test_shares_are_held_against_each_other_as_scipy_does(table: list[tuple[int, int]]) -> None:
    from scipy.stats import chi2_contingency

    assert chi_square_p_value(np.array(table)) == pytest.approx(chi2_contingency(table).pvalue, rel=1e-12)
