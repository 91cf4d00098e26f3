"""Tables into values: TOML and typed options become frozen dataclasses; how methods are called in text."""

from selbench.tables.counts import count_of
from selbench.tables.labels import method_labels
from selbench.tables.literals import parse_text, split_outside, write_text
from selbench.tables.named_files import without_folders
from selbench.tables.names import check_name
from selbench.tables.schema import (
    as_declared,
    brief_repr,
    build,
    check_keys,
    convert,
    describe,
    from_table,
    is_held,
    nearest,
    one_of,
    show,
    to_table,
)

__all__ = [
    "as_declared",
    "brief_repr",
    "build",
    "check_keys",
    "check_name",
    "convert",
    "count_of",
    "describe",
    "from_table",
    "is_held",
    "method_labels",
    "nearest",
    "one_of",
    "parse_text",
    "show",
    "split_outside",
    "to_table",
    "without_folders",
    "write_text",
]
