"""Shapes that the engine and those who prepare its input agree on. Plain numbers, no compiled code."""

REGIME_COLUMNS = 7
"""Of a regime: see `trajectory`."""

TABLE_EDGE = 16.0
TABLE_NODES = 1025
NODES_PER_UNIT = (TABLE_NODES - 1) / (2 * TABLE_EDGE)
"""Tables of λ stand on evenly spaced log odds of the frequency, from −TABLE_EDGE to TABLE_EDGE."""

NO_ONSET = -1.0
"""In place of a frequency of onset: the allele was selected since it arose."""
