"""``List``, ``LargeList`` and ``Sequence``: any number of values of one type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Sequence:
    """A ``List``; of a dict, the dict of ``List``s that TensorFlow Datasets had.

    >>> Sequence(Value("int32"))
    List(Value('int32'))
    >>> Sequence({"text": Value("string")})
    {'text': List(Value('string'))}

    ``isinstance(List(...), Sequence)`` holds, so old checks go on working.

    Args:
        feature: what is in the list.
        length: how many there are, -1 for any number.
    """

    def __new__(cls, feature: Any = None, length: int = -1, **more: Any) -> Any:
        """A ``List``, or a dict of them."""
        if (
            cls is Sequence
            and isinstance(feature, dict)
            and not all(isinstance(inner, List) for inner in feature.values())
        ):
            return {name: List(inner, length=length, **more) for name, inner in feature.items()}
        return super().__new__(List)  # and Python goes on with List.__init__


@dataclass(repr=False)
class List(Sequence):
    """Any number of values of one type, or always ``length`` of them (32-bit offsets).

    >>> List(Value("string"))
    List(Value('string'))
    >>> List(Value("float32"), length=3)
    List(Value('float32'), length=3)

    Args:
        feature: what is in the list.
        length: how many there are, -1 for any number.
        id: kept, and not used.
    """

    feature: Any
    length: int = -1
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="List", init=False, repr=False)

    def __repr__(self) -> str:
        fixed = "" if self.length == -1 else f", length={self.length}"
        return f"{type(self).__name__}({self.feature}{fixed})"


@dataclass(repr=False)
class LargeList:
    """Any number of values of one type, with 64-bit offsets.

    >>> LargeList(Value("string"))
    LargeList(Value('string'))

    Args:
        feature: what is in the list.
        id: kept, and not used.
    """

    feature: Any
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="LargeList", init=False, repr=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.feature})"
