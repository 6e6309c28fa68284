"""``LineShape``: lines of JSON that hold what some features say, and nothing else, told unparsed.

Objects with known keys in a known order are, down to their scalars, a regular language. RE2 goes
through a chunk of such lines faster than any parser does, on all cores, and makes nothing of them.
What it does not recognise may be all right, too; that is for a parser to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.schema.json_lines import as_array
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.schema.features import Features

# RE2 keeps a table for each state of an expression. With longer ones these leave the processor's
# cache, so that parsing is faster, and with far longer ones RE2's own: it is a hundred times slower.
_LONGEST = 3000
# Where any of many keys may be next, tables are slow to make.
_MISSING_KEYS = 16


class LineShape:
    """Recognises lines of objects that have the keys of some features, in their order.

    Nested objects have all of their keys. Any value may be null.

    Args:
        line: a regular expression for one of them, without escapes in strings.
    """

    def __init__(self, line: str) -> None:
        self._plain_lines = rf"\A(?:{line}[ \r]*\n)*\z"
        # To compile what escapes may be takes as long as to match a hundred kilobytes.
        self._lines = self._plain_lines.replace(_PLAIN_STRING, _STRING)

    def fits(self, chunk: bytes) -> bool:
        """Whether all lines of ``chunk``, which is in UTF-8, are of this shape.

        Runs without the interpreter lock.
        """
        if not chunk.endswith(b"\n"):
            chunk += b"\n"
        if len(chunk) >= 2**31:
            return False
        lines = self._lines if b"\\" in chunk else self._plain_lines
        return bool(pc.match_substring_regex(as_array(chunk, pa.large_binary()), lines)[0].as_py())


def types_shape(features: Features) -> LineShape | None:
    """The shape of lines that change nothing about ``features``, which were inferred from others.

    Rows may lack keys if there are not many, but not the first; integers may be among floats. None
    where there is no regular expression for it, as for ``Json``.
    """
    return _shape(features, _INFERRED, "?" if len(features) <= _MISSING_KEYS else "")


def values_shape(features: Features) -> LineShape | None:
    """The shape of lines that ``orjson`` reads as the very values that a table of them holds.

    Rows have all of their keys. None where there is no regular expression for it.
    """
    return _shape(features, _STORED, "")


def _shape(features: Features, scalars: Mapping[str, str], others: str) -> LineShape | None:
    line = _object(features, scalars, others)
    return None if line is None or len(line) > _LONGEST else LineShape(line)


def _object(fields: Mapping[str, Any], scalars: Mapping[str, str], others: str = "") -> str | None:
    """An object; ``others`` says how often its keys behind the first are there."""
    pairs = []
    for name, feature in fields.items():
        value = _value(feature, scalars)
        if value is None:
            return None
        pairs.append(f"{re.escape(orjson.dumps(name).decode())} ?: ?{value}")
    if not pairs:
        return None
    rest = "".join(f"(?: ?, ?{pair}){others}" for pair in pairs[1:])
    return rf"\{{ ?{pairs[0]}{rest} ?\}}"


def _value(feature: Any, scalars: Mapping[str, str]) -> str | None:
    found = None
    if isinstance(feature, Value):
        found = scalars.get(feature.dtype)
    elif isinstance(feature, dict):
        found = _object(feature, scalars)
    elif isinstance(feature, LargeList) or (isinstance(feature, List) and feature.length == -1):
        inner = _value(feature.feature, scalars)
        found = None if inner is None else rf"\[ ?(?:{inner}(?: ?, ?{inner})*)? ?\]"
    # lists in lists double it at each level
    return None if found is None or len(found) > _LONGEST else f"(?:{found}|null)"


def _integer(digits: int, sign: str = "-?") -> str:
    return rf"(?:0|{sign}[1-9][0-9]{{0,{digits - 1}}})"


_HEX = "[0-9a-fA-F]"
_PAIR = rf"[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"  # of surrogates: none stands alone
_ESCAPE = rf'\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}|{_PAIR}))'
_STRING = rf'"(?:[^"\\\x00-\x1f]|{_ESCAPE})*"'
_PLAIN_STRING = r'"[^"\\\x00-\x1f]*"'
# what pyarrow reads as timestamp[s], but for leap days
_DAY = (
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?"
_WHOLE = "-?(?:0|[1-9][0-9]{0,14})"  # with an exponent of two digits it is finite
_FRACTION, _EXPONENT = r"\.[0-9]+", "[eE][+-]?[0-9]{1,2}"

_INFERRED = {
    "null": "null",
    "bool": "true|false",
    "int64": _integer(15),  # exact beside floats, and too small to ask for another type
    "float64": f"{_WHOLE}(?:{_FRACTION})?(?:{_EXPONENT})?",
    "string": _PLAIN_STRING,
    "timestamp[s]": f'"[12][0-9]{{3}}-{_DAY}(?:{_TIME})?"',
}
_STORED = {
    "null": "null",
    "bool": "true|false",
    "int8": _integer(2),
    "int16": _integer(4),
    "int32": _integer(9),
    "int64": _integer(18),
    "uint8": _integer(2, sign=""),
    "uint16": _integer(4, sign=""),
    "uint32": _integer(9, sign=""),
    "uint64": _integer(18, sign=""),  # a 19th digit makes a parser look twice
    "float64": f"{_WHOLE}(?:{_FRACTION}(?:{_EXPONENT})?|{_EXPONENT})",
    "string": _PLAIN_STRING,
    "large_string": _PLAIN_STRING,
}
