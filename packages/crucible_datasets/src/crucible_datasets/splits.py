"""Names of splits, what is known of them, and instructions to read parts of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "NamedSplit",
    "NamedSplitAll",
    "ReadInstruction",
    "RowRange",
    "Split",
    "SplitDict",
    "SplitInfo",
    "SubSplitInfo",
]

SPLIT_NAME = re.compile(r"\w+(\.\w+)*")

_PART = re.compile(
    r"""
    (?P<split>\w+(\.\w+)*)
    (\[ ((?P<from>-?[\d_]+)(?P<from_pct>%)?)? : ((?P<to>-?[\d_]+)(?P<to_pct>%)?)? \])?
    (\((?P<rounding>[^\)]*)\))?
    """,
    re.VERBOSE,
)

Rounding = Literal["closest", "pct1_dropremainder"]


def check_split_name(name: str) -> str:
    """``name``, if a split may be called that.

    Raises:
        ValueError: it is not made of word characters, with single dots between them.
    """
    if not SPLIT_NAME.fullmatch(name):
        raise ValueError(
            f"Split name should match '{SPLIT_NAME.pattern}' but got {name!r}: "
            "use letters, digits and underscores, with dots between them"
        )
    return name


class NamedSplit:
    """The name of a split, or of a combination such as ``train+test[:10%]``.

    It equals the plain string, and hashes like it.

    >>> NamedSplit("train") == "train"
    True
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        for part in name.split("+"):
            check_split_name(part.split("[")[0])
        self._name = name

    def __add__(self, other: object) -> NamedSplit:
        if not isinstance(other, NamedSplit | str):
            return NotImplemented
        return NamedSplit(f"{self._name}+{other}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedSplit | str) and self._name == str(other)

    def __lt__(self, other: NamedSplit | str) -> bool:
        return self._name < str(other)

    def __hash__(self) -> int:
        return hash(self._name)

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"NamedSplit({self._name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._name,)


class NamedSplitAll(NamedSplit):
    """All splits of a dataset, one after the other."""

    __slots__ = ()

    def __init__(self, name: str = "all") -> None:
        super().__init__(name)

    def __repr__(self) -> str:
        return "NamedSplitAll()"


class Split:
    """The usual names of splits; ``Split("custom")`` makes another.

    >>> Split.TRAIN
    NamedSplit('train')
    """

    TRAIN = NamedSplit("train")
    TEST = NamedSplit("test")
    VALIDATION = NamedSplit("validation")
    ALL = NamedSplitAll()

    def __new__(cls, name: str) -> NamedSplit:  # type: ignore[misc] # as the peer's: it makes names
        """The split called ``name``."""
        return NamedSplitAll() if name == "all" else NamedSplit(name)


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows ``start`` to ``stop`` (excluded) of one split."""

    split: str
    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many rows."""
        return max(self.stop - self.start, 0)


@dataclass(frozen=True, slots=True)
class _Part:
    """One term of a :class:`ReadInstruction`; boundaries may be missing, negative or percents."""

    splitname: str
    from_: int | None = None
    to: int | None = None
    unit: str | None = None
    rounding: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in (None, "%", "abs"):
            raise ValueError(f"unit must be either '%' or 'abs', not {self.unit!r}")
        if self.rounding not in (None, "closest", "pct1_dropremainder"):
            raise ValueError(
                f"rounding must be either 'closest' or 'pct1_dropremainder', not {self.rounding!r}"
            )
        if self.unit != "%":
            if self.rounding is not None:
                raise ValueError("rounding is for slices in percent, and this one is not")
            return
        for boundary in (self.from_, self.to):
            if boundary is not None and abs(boundary) > 100:
                raise ValueError(f"a percentage must lie between -100 and 100, not {boundary}")
        if self.rounding is None:
            object.__setattr__(self, "rounding", "closest")

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _PART.fullmatch(text)
        if found is None:
            raise ValueError(
                f"Unrecognized instruction format: {text!r}. Write 'train', 'train[10:20]', "
                "'train[:10%]' or 'train[-5%:](pct1_dropremainder)', joined by '+'"
            )
        begin, end = found["from"], found["to"]
        return cls(
            found["split"],
            int(begin) if begin else None,
            int(end) if end else None,
            "%" if found["from_pct"] or found["to_pct"] else "abs",
            found["rounding"],
        )

    def resolve(self, lengths: Mapping[str, int]) -> RowRange:
        if self.splitname not in lengths:
            raise ValueError(f'Unknown split "{self.splitname}". Should be one of {list(lengths)}.')
        total = lengths[self.splitname]
        start = 0 if self.from_ is None else self._boundary(self.from_, total)
        stop = total if self.to is None else self._boundary(self.to, total)
        return RowRange(self.splitname, start, stop)

    def _boundary(self, value: int, total: int) -> int:
        if self.unit == "%":
            if self.rounding == "pct1_dropremainder":
                if total < 100:
                    raise ValueError(
                        f"pct1_dropremainder rounding of {total} rows is always empty: it needs at "
                        "least 100"
                    )
                value *= math.trunc(total / 100.0)
            else:
                # Python's round, halves to even: the same rows as the peer picks.
                value = round(value * total / 100.0)
        if value < 0:
            value = max(total + value, 0)
        return min(value, total)

    def __str__(self) -> str:
        if self.from_ is None and self.to is None:
            return self.splitname
        sign = "%" if self.unit == "%" else ""
        begin = "" if self.from_ is None else f"{self.from_}{sign}"
        end = "" if self.to is None else f"{self.to}{sign}"
        rounding = f"({self.rounding})" if sign and self.rounding != "closest" else ""
        return f"{self.splitname}[{begin}:{end}]{rounding}"


class ReadInstruction:
    """Which rows of which splits to read, as ``split=`` of ``load_dataset`` takes it.

    >>> str(ReadInstruction("train", to=10, unit="%") + ReadInstruction("test"))
    'train[:10%]+test'
    >>> ReadInstruction.from_spec("train[:33%]").to_absolute({"train": 10})
    [RowRange(split='train', start=0, stop=3)]
    """

    def __init__(
        self,
        split_name: str,
        rounding: str | None = None,
        from_: int | None = None,
        to: int | None = None,
        unit: str | None = None,
    ) -> None:
        """Read ``split_name`` from row ``from_`` to row ``to``.

        Args:
            split_name: the split.
            rounding: ``closest`` (default), or ``pct1_dropremainder`` so that every percent has as
                many rows; for percentages only.
            from_: the first row, or percentage; negative from the end.
            to: the first row, or percentage, left out.
            unit: ``%`` or ``abs`` (rows).

        Raises:
            ValueError: the arguments contradict each other.
        """
        self._parts: tuple[_Part, ...] = (_Part(split_name, from_, to, unit, rounding),)

    @classmethod
    def _of(cls, parts: Iterable[_Part]) -> Self:
        made = cls.__new__(cls)
        vars(made)["_parts"] = tuple(parts)
        return made

    @classmethod
    def from_spec(cls, spec: str | NamedSplit) -> Self:
        """Parse ``train``, ``train[10:20]``, ``train[:10%]+test[-5%:]`` and the like.

        Raises:
            ValueError: it is none of these.
        """
        terms = re.split(r"\s*\+\s*", str(spec))
        joined = cls._of([_Part.parse(terms[0])])
        for term in terms[1:]:
            joined = joined + cls._of([_Part.parse(term)])
        return joined

    def to_spec(self) -> str:
        """The text that :meth:`from_spec` takes."""
        return "+".join(map(str, self._parts))

    def to_absolute(self, name2len: Mapping[str, int]) -> list[RowRange]:
        """The rows, term by term.

        Args:
            name2len: how many rows each split has.

        Raises:
            ValueError: a split is not in ``name2len``.
        """
        return [part.resolve(name2len) for part in self._parts]

    @property
    def split_names(self) -> tuple[str, ...]:
        """The splits that are read, in order, each as often as it is named."""
        return tuple(part.splitname for part in self._parts)

    @property
    def whole(self) -> bool:
        """Whether every split named is read from its first row to its last."""
        return all(part.from_ is None and part.to is None for part in self._parts)

    def __add__(self, other: ReadInstruction) -> Self:
        if not isinstance(other, ReadInstruction):
            raise TypeError(
                f"a ReadInstruction can only be added to another, not to a {type(other).__name__}"
            )
        ours, theirs = self._parts[0], other._parts[0]
        if "abs" not in (ours.unit, theirs.unit) and ours.rounding != theirs.rounding:
            raise ValueError("instructions with different rounding can't be added")
        return self._of(self._parts + other._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReadInstruction) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def __str__(self) -> str:
        return self.to_spec()

    def __repr__(self) -> str:
        return f"ReadInstruction.from_spec({self.to_spec()!r})"


@dataclass(repr=False)
class SplitInfo:
    """What is known of a split.

    Attributes:
        name: the split.
        num_bytes: how large its rows are in Arrow.
        num_examples: how many rows it has.
        shard_lengths: rows in each file that the peer wrote.
        original_shard_lengths: rows in each source file.
        dataset_name: kept for files of the peer; deprecated there.
    """

    name: str = ""
    num_bytes: int = 0
    num_examples: int = 0
    shard_lengths: list[int] | None = None
    original_shard_lengths: list[int] | None = None
    dataset_name: str | None = None

    def __repr__(self) -> str:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return f"SplitInfo({', '.join(f'{name}={value!r}' for name, value in values if value)})"


@dataclass(frozen=True, slots=True)
class SubSplitInfo:
    """What is known of a part of the splits, as ``info.splits["train[:10%]"]`` gives it."""

    ranges: tuple[RowRange, ...]

    @property
    def num_examples(self) -> int:
        """How many rows the part has."""
        return sum(part.length for part in self.ranges)


class SplitDict(dict[str, SplitInfo]):
    """Split name -> :class:`SplitInfo`; also answers to slices such as ``"train[:10%]"``."""

    def __init__(
        self,
        *args: Mapping[str, SplitInfo] | Iterable[tuple[str, SplitInfo]],
        dataset_name: str | None = None,
        **kwargs: SplitInfo,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.dataset_name = dataset_name

    @classmethod
    def from_split_dict(
        cls,
        split_infos: Sequence[SplitInfo | Mapping[str, Any]] | Mapping[str, Any],
        dataset_name: str | None = None,
    ) -> Self:
        """Build it from infos or their dicts, in a list or in a mapping whose values they are."""
        items = list(split_infos.values() if hasattr(split_infos, "values") else split_infos)
        infos = [item if isinstance(item, SplitInfo) else SplitInfo(**item) for item in items]
        if dataset_name is None and infos:
            dataset_name = infos[0].dataset_name
        made = cls(dataset_name=dataset_name)
        for info in infos:
            made.add(info)
        return made

    def to_split_dict(self) -> list[SplitInfo]:
        """The infos, copied."""
        return [SplitInfo(**{**vars(info), "name": name}) for name, info in self.items()]

    def to_yaml_list(self) -> list[dict[str, Any]]:
        """The infos as README's ``dataset_info`` has them."""
        return [
            {"name": name, "num_bytes": info.num_bytes, "num_examples": info.num_examples}
            for name, info in self.items()
        ]

    @classmethod
    def from_yaml_list(cls, yaml_data: Sequence[Mapping[str, Any]]) -> Self:
        """Read what README's ``dataset_info`` has.

        Raises:
            ValueError: a split lacks its name or its sizes.
        """
        for info in yaml_data:
            if not (isinstance(info, dict) and {"name", "num_bytes", "num_examples"} <= set(info)):
                raise ValueError(
                    "each item of `splits` needs name, num_bytes and num_examples, "
                    f"and this has not: {info}"
                )
        return cls.from_split_dict(yaml_data)

    def add(self, split_info: SplitInfo) -> None:
        """Add one.

        Raises:
            ValueError: there is one of that name.
        """
        if split_info.name in self:
            raise ValueError(f"Split {split_info.name} already present")
        split_info.dataset_name = self.dataset_name
        super().__setitem__(split_info.name, split_info)

    def copy(self) -> SplitDict:
        """One with the same infos, copied."""
        return SplitDict.from_split_dict(self.to_split_dict(), self.dataset_name)

    @property
    def total_num_examples(self) -> int:
        """Rows of all splits."""
        return sum(info.num_examples for info in self.values())

    @overload
    def __getitem__(self, key: str, /) -> SplitInfo: ...
    @overload
    def __getitem__(self, key: NamedSplit | ReadInstruction, /) -> SplitInfo | SubSplitInfo: ...
    def __getitem__(self, key: Any, /) -> SplitInfo | SubSplitInfo:
        if str(key) in self:
            return super().__getitem__(str(key))
        instruction = key if isinstance(key, ReadInstruction) else ReadInstruction.from_spec(key)
        lengths = {name: info.num_examples for name, info in self.items()}
        return SubSplitInfo(tuple(instruction.to_absolute(lengths)))

    def __setitem__(self, key: str | NamedSplit, value: SplitInfo) -> None:
        if str(key) != value.name:
            raise ValueError(f"Cannot add elem. (key mismatch: '{key}' != '{value.name}')")
        super().__setitem__(str(key), value)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return _rebuild_split_dict, (self.to_split_dict(), self.dataset_name)


def _rebuild_split_dict(infos: list[SplitInfo], dataset_name: str | None) -> SplitDict:
    return SplitDict.from_split_dict(infos, dataset_name)
