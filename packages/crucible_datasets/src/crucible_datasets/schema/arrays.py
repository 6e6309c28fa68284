"""``Array2D`` to ``Array5D``: arrays of one shape, stored as nested lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class _ArrayXD:
    """An array of ``shape``; its first dimension may be None, which is any size.

    Args:
        shape: the size of each dimension.
        dtype: the name of the elements' type.
        id: kept, and not used.
    """

    shape: tuple[int | None, ...]
    dtype: str
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self.shape = tuple(self.shape)
        self._type = type(self).__name__

    @property
    def ndims(self) -> int:
        """The number of dimensions."""
        return int(type(self).__name__[5])

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        from crucible_datasets.schema.array_extension import extension_type

        return extension_type(self.ndims, self.shape, self.dtype)

    def encode_example(self, value: Any) -> Any:
        """``value`` as it is."""
        return value


class Array2D(_ArrayXD):
    """A two-dimensional array.

    >>> Array2D(shape=(1, 3), dtype="int32")
    Array2D(shape=(1, 3), dtype='int32')
    """


class Array3D(_ArrayXD):
    """A three-dimensional array."""


class Array4D(_ArrayXD):
    """A four-dimensional array."""


class Array5D(_ArrayXD):
    """A five-dimensional array."""


def array_feature(ndims: int, shape: tuple[int | None, ...], dtype: str) -> _ArrayXD:
    """The feature of that many dimensions."""
    return {2: Array2D, 3: Array3D, 4: Array4D, 5: Array5D}[ndims](shape, dtype)


def is_array_feature(feature: Any) -> bool:
    """Whether a feature is one of these."""
    return isinstance(feature, _ArrayXD)
