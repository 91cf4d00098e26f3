"""Values as they are typed on the command line and inside a component's brackets: TOML, or bare text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from selbench.errors import DataError
from selbench.foreign.toml import parse_toml

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|.', re.DOTALL)
_DEPTH = {"[": 1, "{": 1, "]": -1, "}": -1}
_BARE = re.compile(r'[^\s,;\[\]{}"](?:[^,;\[\]{}"\n]*[^\s,;\[\]{}"])?\Z')

_SHORT_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
"""A number as people type it and TOML does not know it: .5 and 5."""


def parse_text(text: str) -> object:
    """Read a typed value: what TOML makes of it, a number such as .5, or else the text itself."""
    if _SHORT_NUMBER.match(text):
        return float(text)
    try:
        document = parse_toml(f"table = {{ value = {text} }}", text)
    except DataError:
        return text
    is_one_value = list(document) == ["table"] and list(document["table"]) == ["value"]
    return document["table"]["value"] if is_one_value else text


def write_text(value: object) -> str:
    """Return the shortest text that `parse_text` and a list's semicolons read back as `value`."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value if value == "" or _is_bare(value) else _toml(value)
    if isinstance(value, list):
        plain = value and all(item is None or _is_bare(item) for item in value)
        return ";".join(write_text(item) for item in value) if plain else _toml(value)
    return _toml(value)


def split_outside(text: str, separator: str) -> list[str]:
    """Split a text at a character, except inside brackets, braces and double quotes."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(text):
        depth += _DEPTH.get(token, 0)
        if token == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _is_bare(value: object) -> bool:
    """Whether a scalar needs no quotes: it holds no separator and is not mistaken for another value."""
    if isinstance(value, str):
        return bool(_BARE.match(value)) and value != "none" and parse_text(value) == value
    return isinstance(value, bool | int | float)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_toml(str(key))} = {_toml(item)}' for key, item in value.items())}}}"
    return str(value)
