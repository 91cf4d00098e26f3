"""The grid that tables of λ stand on: evenly spaced log odds of the frequency."""

TABLE_EDGE = 16.0
TABLE_NODES = 1025
NODES_PER_UNIT = (TABLE_NODES - 1) / (2 * TABLE_EDGE)
