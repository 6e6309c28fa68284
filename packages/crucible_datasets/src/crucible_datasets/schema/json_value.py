"""``Json``: a value of any shape, stored as its JSON text."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import pyarrow as pa

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


@dataclass
class Json:
    """A value of any shape, stored as compact JSON text; None is stored as null.

    For what differs from row to row: the arguments of tool calls, the keys of metadata. Each row
    comes back with its own keys only.

    >>> Json()
    Json(decode=True)

    Args:
        decode: give the value; False gives the text.
        id: kept, and not used.
    """

    decode: bool = True
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="Json", init=False, repr=False)

    @property
    def pa_type(self) -> pa.DataType:
        """The Arrow type: the canonical extension ``arrow.json`` over string."""
        import pyarrow as pa

        return pa.json_()

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        return self.pa_type

    def encode_example(self, value: Any) -> str | None:
        """The JSON text of ``value``; a string that is JSON text already stays as it is."""
        if value is None or (isinstance(value, str) and is_json(value)):
            return value
        return dumps(value)

    def decode_example(self, value: str | None, token_per_repo_id: Any = None) -> Any:  # noqa: ARG002
        """The value of a JSON text.

        Raises:
            RuntimeError: if ``decode`` is False.
        """
        if not self.decode:
            raise RuntimeError("this feature has decode=False; use Json(decode=True) to decode")
        return None if value is None else loads(value)

    def cast_storage(self, storage: pa.Array) -> pa.Array:
        """An Arrow array of any type as one of JSON texts.

        Strings that are all JSON texts are taken as such; other values, and strings if one of them
        is no JSON text, are written as JSON.
        """
        import pyarrow as pa

        types = pa.types
        if isinstance(storage, pa.ExtensionArray) and storage.type.extension_name == "arrow.json":
            return storage.storage.cast(pa.string())
        if (
            types.is_string(storage.type)
            or types.is_large_string(storage.type)
            or types.is_string_view(storage.type)
        ):
            texts = storage.to_pylist()
            if all(text is None or is_json(text) for text in texts):
                return storage.cast(pa.string())
        else:
            texts = storage.to_pylist()
        return pa.array([None if text is None else dumps(text) for text in texts], pa.string())


def dumps(value: Any) -> str:
    """Compact JSON text of ``value``: UTF-8 not escaped; integers of any size and NaN are kept."""
    try:
        text = orjson.dumps(value, option=_OPTIONS)
        if b"null" not in text or not _has_no_number(value):
            return text.decode()
    except TypeError:  # integers beyond 64 bits, keys or values that orjson does not know
        pass
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_other)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text: integers of any size, NaN and infinities too.

    Raises:
        ValueError: if the text is not JSON.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
    if len(text) < len(_RUN):
        return value
    data = text.encode() if type(text) is str else text
    # orjson reads an integer beyond 64 bits as a float
    if _RUN in data.translate(_DIGITS) and has_big_integer(data):  # type: ignore[arg-type]
        return json.loads(text)
    return value


# digits as 0 and everything else as a space, so that one search finds long runs of digits
_DIGITS = bytes(ord("0") if byte in b"0123456789" else ord(" ") for byte in range(256))
_RUN = b"0" * 19


def has_big_integer(text: bytes) -> bool:
    """Whether there may be an integer beyond 64 bits, of which orjson makes a float."""
    shape = text.translate(_DIGITS)  # ten times faster than a regular expression
    start = shape.find(_RUN)
    while start >= 0:
        if text[start - 1] != ord("."):  # digits behind a point are a fraction
            return True
        end = shape.find(b" ", start)
        start = shape.find(_RUN, end) if end >= 0 else -1
    return False


def is_json(text: str) -> bool:
    """Whether the text is JSON."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            json.loads(text)
        except ValueError:
            return False
    return True


def _has_no_number(value: Any) -> bool:
    """Whether there is a NaN or an infinity in it, for which orjson writes null."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_no_number, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_no_number, value))
    return False


def _other(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} can't be written as JSON")
