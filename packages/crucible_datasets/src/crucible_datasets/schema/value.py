"""``Value``: one scalar of a named type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_datasets.schema import dtypes

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(repr=False)
class Value:
    """A scalar of the type called ``dtype``.

    >>> Value("int32")
    Value('int32')

    Args:
        dtype: ``null``, ``bool``, ``int8`` to ``int64``, ``uint8`` to ``uint64``, ``float16``,
            ``float32`` (or ``float``), ``float64`` (or ``double``), ``string``, ``large_string``,
            ``string_view``, ``binary``, ``large_binary``, ``binary_view``, ``date32``, ``date64``,
            ``time32[s]``, ``time64[us]``, ``timestamp[us, tz=UTC]``, ``duration[ms]``,
            ``decimal128(10, 2)``, ``decimal256(40, 6)``, ``fixed_size_binary[16]``.
        id: kept, and not used.

    Raises:
        ValueError: if there is no type of that name.
    """

    dtype: str
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="Value", init=False, repr=False)

    def __post_init__(self) -> None:
        self.dtype = dtypes.normal_dtype(self.dtype)

    @property
    def pa_type(self) -> pa.DataType:
        """The Arrow type."""
        return dtypes.arrow_type(self.dtype)

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        return self.pa_type

    def encode_example(self, value: Any) -> Any:
        """``value`` as a Python bool, int, float or str where the type is one of those."""
        convert = _CONVERT.get(self.dtype)
        return value if convert is None else convert(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dtype!r})"


_CONVERT: dict[str, type] = {
    **dict.fromkeys(dtypes.BOOLEANS, bool),
    **dict.fromkeys(dtypes.INTEGERS, int),
    **dict.fromkeys(dtypes.FLOATS, float),
    **dict.fromkeys(dtypes.STRINGS, str),
}
