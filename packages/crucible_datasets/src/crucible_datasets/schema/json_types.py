"""``JsonType``: what was seen at one place of many JSON documents."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.lists import List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

NULL, BOOL, INT, FLOAT, STRING, LIST, OBJECT = (1 << bit for bit in range(7))

# what lies deeper is Json: Arrow's schemas end at 64, and nobody means such types as types
DEEPEST = 32
# integers up to here are exact as float64 too
EXACT = 2**53
_DATE_START = re.compile(r"\d{4}-\d\d-\d\d(?![^ T])")


class JsonType:
    """What was seen at one place: the kinds of values, and what is inside lists and objects.

    Types only widen, in whatever order values come: null goes with anything, integers become
    floats beside floats, dates become text beside text. What can't be one type, objects with
    different keys included, becomes ``Json``.
    """

    __slots__ = ("dates", "depth", "element", "fields", "highest", "kinds", "lowest", "ragged")

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.kinds = 0
        self.dates = True
        self.lowest = 0
        self.highest = 0
        self.element: JsonType | None = None
        self.fields: dict[str, JsonType] | None = None
        self.ragged = False

    @property
    def mixed(self) -> bool:
        """Whether only ``Json`` holds all that was seen."""
        if self.depth >= DEEPEST and self.kinds & (LIST | OBJECT):
            return True
        if self.kinds & ~NULL in (INT, FLOAT, INT | FLOAT):
            return self._number() is None
        return self.kinds & ~NULL not in _ALONE or (bool(self.kinds & OBJECT) and self.ragged)

    def feature(self) -> Any:
        """The narrowest feature that holds all that was seen, without loss."""
        if self.mixed:
            return Json()
        kinds = self.kinds & ~NULL
        if kinds & (INT | FLOAT):
            return Value(self._number() or "float64")
        if kinds == STRING:
            return Value("timestamp[s]" if self.dates else "string")
        if kinds == LIST:
            return List(Value("null") if self.element is None else self.element.feature())
        if kinds == OBJECT:
            if not self.fields:
                return Json()
            return {name: inner.feature() for name, inner in self.fields.items()}
        return Value("bool" if kinds else "null")

    def _number(self) -> str | None:
        """The type of numbers; None if neither integers nor floats hold them all exactly."""
        if self.kinds & FLOAT:
            exact = self.lowest >= -EXACT and self.highest <= EXACT
            return "float64" if exact else None
        if self.lowest >= -(2**63) and self.highest < 2**63:
            return "int64"
        return "uint64" if self.lowest >= 0 and self.highest < 2**64 else None

    def merge(self, other: JsonType) -> None:
        """Take in what another has seen, later in the data."""
        self.kinds |= other.kinds
        self.dates = self.dates and other.dates
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)
        self.ragged = self.ragged or other.ragged
        if other.element is not None:
            if self.element is None:
                self.element = JsonType(self.depth + 1)
            self.element.merge(other.element)
        if other.fields is not None:
            self.see_keys(other.fields.keys())
            if not self.ragged and self.fields is not None:
                for name, inner in other.fields.items():
                    self.fields[name].merge(inner)

    def see_keys(self, keys: Any) -> None:
        """Take note of the keys of an object; others than before make it ragged."""
        self.kinds |= OBJECT
        if self.fields is None and not self.ragged:
            self.fields = {name: JsonType(self.depth + 1) for name in keys}
        elif self.fields is not None and self.fields.keys() != keys:
            self.ragged = True
        if self.ragged:
            self.fields = None  # what is inside no longer matters, and may be without end

    def field(self, name: str) -> JsonType:
        """The type at a key of an object whose keys may differ (a row)."""
        if self.fields is None:
            self.fields = {}
        found = self.fields.get(name)
        if found is None:
            found = self.fields[name] = JsonType(self.depth + 1)
        return found

    def see(self, values: Sequence[Any]) -> int:
        """Take note of parsed values at this place, all at once.

        Returns:
            How many keys the objects among them have, nested ones included.
        """
        if self.mixed:
            return count_keys(values)
        kinds = set(map(type, values))
        if len(kinds) == 1:
            return self._see_kind(kinds.pop(), values)
        return sum(
            self._see_kind(kind, [value for value in values if type(value) is kind])
            for kind in kinds
        )

    def _see_kind(self, kind: type, values: Sequence[Any]) -> int:
        if kind is str:
            self.kinds |= STRING
            self.dates = self.dates and are_dates(values)
        elif kind is int:
            self.kinds |= INT
            self.lowest = min(self.lowest, *values)
            self.highest = max(self.highest, *values)
        elif kind is float:
            self.kinds |= FLOAT
        elif kind is bool:
            self.kinds |= BOOL
        elif kind is list:
            self.kinds |= LIST
            if self.mixed:
                return count_keys(values)
            inner = list(chain.from_iterable(values))
            if not inner:
                return 0
            if self.element is None:
                self.element = JsonType(self.depth + 1)
            return self.element.see(inner)
        elif kind is dict:
            return self._see_objects(values)
        else:
            self.kinds |= NULL
        return 0

    def _see_objects(self, values: Sequence[dict[str, Any]]) -> int:
        self.see_keys(values[0].keys())
        if self.mixed:
            return count_keys(values)
        keys = values[0].keys()
        if not all(value.keys() == keys for value in values):
            self.ragged = True
            self.fields = None
        if self.fields is None:
            return count_keys(values)
        inside = sum(
            inner.see([value[name] for value in values]) for name, inner in self.fields.items()
        )
        return inside + len(keys) * len(values)


_ALONE = frozenset({0, BOOL, STRING, LIST, OBJECT})


def count_keys(values: Sequence[Any]) -> int:
    """How many keys the objects among some parsed values have, nested ones included."""
    count = 0
    level: list[Any] = list(values)
    while level:
        objects = [value for value in level if type(value) is dict]
        count += sum(map(len, objects))
        inner = list(chain.from_iterable(value.values() for value in objects))
        inner.extend(chain.from_iterable(value for value in level if type(value) is list))
        level = inner
    return count


def are_dates(texts: Sequence[str]) -> bool:
    """Whether all texts are ISO 8601 dates with whole seconds, which are read as timestamps.

    pyarrow's JSON reader decides, as it does for files that it reads on its own.
    """
    if not all(map(_DATE_START.match, texts)):
        return False
    import io

    import orjson
    import pyarrow as pa
    import pyarrow.json

    lines = b"\n".join(orjson.dumps({"x": text}) for text in texts)
    read = pyarrow.json.read_json(
        io.BytesIO(lines),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
    )
    return bool(pa.types.is_timestamp(read.schema.field("x").type))
