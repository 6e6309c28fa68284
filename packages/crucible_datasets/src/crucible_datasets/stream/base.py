"""What an ``IterableDataset`` is, beside its steps: iteration, state, what is known of the rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.info import DatasetInfo
from crucible_datasets.splits import NamedSplit
from crucible_datasets.stream.column import IterableColumn
from crucible_datasets.stream.epoch import Epoch
from crucible_datasets.stream.reading import Plan, read_batches, read_rows
from crucible_datasets.stream.resume import start_of, states_in
from crucible_datasets.stream.state import (
    check_state,
    digest_of_chain,
    digest_of_data,
    not_a_state,
    write_state,
)
from crucible_datasets.stream.workers import current_worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Reader
    from crucible_datasets.stream.node import Node
    from crucible_datasets.stream.nodes import Distributed
    from crucible_datasets.stream.resume import Start


class StreamBase:
    """Rows in order, read when they are iterated over, as often as one likes.

    Args:
        node: the steps that give the rows.
        info: what is known of the dataset; its features are those of the rows.
        split: the split that the rows are.
        formatting: what rows are given as; None for dicts of Python values.
        distributed: the part of the rows that this node of a training run reads.
        untyped: whether ``datasets`` would not know the features; its shuffle order depends on it.
    """

    def __init__(
        self,
        node: Node,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        formatting: Format | None = None,
        distributed: Distributed | None = None,
        *,
        untyped: bool = False,
    ) -> None:
        self._node = node
        self._info = info.copy() if info is not None else DatasetInfo()
        self._split = None if split is None else NamedSplit(str(split))
        self._format = formatting
        self._distributed = distributed
        self._untyped = untyped
        self._epoch = Epoch()
        self._digests: tuple[str | None, str] | None = None
        self.skip_broken = False
        self.decode_threads: int | None = None
        self._broken: list[str] = []
        self._pending: list[Mapping[str, Any]] = []
        self._live: tuple[Reader, Start] | None = None

    # -- what is known --------------------------------------------------------------------------

    @property
    def node(self) -> Node:
        """The steps that give the rows."""
        return self._node

    @property
    def info(self) -> DatasetInfo:
        """What is known of the dataset beside its rows."""
        return self._info

    @property
    def split(self) -> NamedSplit | None:
        """The split that the rows are, if that is known."""
        return self._split

    @property
    def features(self) -> Features | None:
        """The columns and their types; None behind a function, until its result is looked at."""
        return self._info.features

    @property
    def column_names(self) -> list[str] | None:
        """The columns; None where only reading tells."""
        return None if self.features is None else list(self.features)

    @property
    def num_columns(self) -> int | None:
        """How many columns there are; None where only reading tells."""
        return None if self.features is None else len(self.features)

    @property
    def description(self) -> str:
        """What the dataset is about."""
        return self._info.description

    @property
    def citation(self) -> str:
        """How to cite it."""
        return self._info.citation

    @property
    def homepage(self) -> str:
        """Where it is described."""
        return self._info.homepage

    @property
    def license(self) -> str:
        """The licence of the data."""
        return self._info.license

    @property
    def dataset_size(self) -> int | None:
        """Bytes of the data, as its card says."""
        return self._info.dataset_size

    @property
    def config_name(self) -> str | None:
        """The configuration that was loaded."""
        return self._info.config_name

    @property
    def builder_name(self) -> str | None:
        """The builder that read the files."""
        return self._info.builder_name

    @property
    def download_checksums(self) -> dict[str, Any] | None:
        """Checksums of the files, as its card says."""
        return self._info.download_checksums

    @property
    def download_size(self) -> int | None:
        """Bytes of the files, as its card says."""
        return self._info.download_size

    @property
    def size_in_bytes(self) -> int | None:
        """Bytes of files and data, as its card says."""
        return self._info.size_in_bytes

    @property
    def supervised_keys(self) -> dict[str, Any] | None:
        """Which columns are input and output, as its card says."""
        return self._info.supervised_keys

    @property
    def version(self) -> Any:
        """The version of the dataset, as its card says."""
        return self._info.version

    @property
    def epoch(self) -> int:
        """The number given to :meth:`set_epoch`, 0 at first."""
        return self._epoch.value

    @property
    def num_shards(self) -> int:
        """Into how many parts the rows can be split over workers of this node."""
        if self._distributed is None:
            return self._node.num_shards
        return self._distributed.shards_here(self._node.num_shards)

    @property
    def n_shards(self) -> int:
        """The old name of :attr:`num_shards`."""
        return self.num_shards

    @property
    def rows_format(self) -> Format | None:
        """What rows are given as; None for dicts of Python values."""
        return self._format

    @property
    def distributed(self) -> Distributed | None:
        """The part of the rows that this node of a training run reads."""
        return self._distributed

    @property
    def broken_shards(self) -> list[str]:
        """What the last iteration left out; see :meth:`skip_broken_shards`."""
        return list(self._broken)

    def __repr__(self) -> str:
        columns = "Unknown" if self.features is None else list(self.features)
        return (
            f"IterableDataset({{\n    features: {columns},\n    num_shards: {self.num_shards}\n}})"
        )

    # -- reading --------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The steps with all that decides how they are read."""
        chunked = self._format is not None or (self.features is not None and not self._untyped)
        return Plan(
            self._node,
            self.features,
            self._format,
            chunked,
            self._distributed,
            self.decode_threads,
        )

    def __iter__(self) -> Iterator[Any]:
        # Not a generator itself: a state taken right after iter() is that of the beginning.
        return self._rows(self._start())

    def _rows(self, reader: Reader) -> Iterator[Any]:
        try:
            yield from read_rows(reader, self.features, self._format)
        finally:
            reader.close()

    def iter(self, batch_size: int, drop_last_batch: bool = False) -> Iterator[Any]:
        """Batches of rows: dicts of lists, or what the format wants.

        Args:
            batch_size: rows in a batch.
            drop_last_batch: leave out the last batch if it is smaller.

        Raises:
            ValueError: the size is not positive.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}")
        return self._batches(self._start(), batch_size, drop_last_batch)

    def _batches(self, reader: Reader, size: int, drop_last: bool) -> Iterator[Any]:
        try:
            yield from read_batches(
                reader, self.plan().typed(), self._format, size, drop_last=drop_last
            )
        finally:
            reader.close()

    def _start(self) -> Reader:
        worker = current_worker()
        start = start_of(self.plan(), self._pending, self.epoch, worker)
        self._pending = []
        self._broken = []
        reader = start.open(worker, self._broken if self.skip_broken else None)
        self._live = (reader, start)
        return reader

    def __getitem__(self, column_name: str) -> IterableColumn:
        """One column, to be iterated over."""
        return IterableColumn(self, column_name)

    # -- epochs and state -----------------------------------------------------------------------

    def set_epoch(self, epoch: int) -> None:
        """Shuffle otherwise from the next iteration on.

        Args:
            epoch: 0 gives the order of the seed; any other number another order.
        """
        if any(state["epoch"] != epoch for state in self._pending):
            self._pending = []
        self._epoch.value = epoch

    def state_dict(self) -> dict[str, Any]:
        """Where the iteration stands, behind the row it gave last.

        Plain values, as JSON has them, under 10 KB whatever the buffers hold.
        """
        worker = current_worker()
        of = self._distributed
        if self._live is None:
            start = start_of(self.plan(), self._pending, self.epoch, worker)
            place = start.place
        else:
            reader, start = self._live
            place = reader.place()
        return write_state(
            self._identity(),
            place,
            epoch=self.epoch,
            worker=worker,
            node_of=None if of is None else (of.rank, of.world_size),
            rounds=start.rounds,
        )

    def load_state_dict(self, state_dict: dict[str, Any] | Sequence[dict[str, Any]]) -> None:
        """Let the next iteration go on from a state. The iterations after it are whole again.

        Args:
            state_dict: what :meth:`state_dict` of a stream with the same data and steps gave, in
                this process or another. Its epoch becomes that of this stream. When the number of
                workers or nodes changes: the states of all of them in a list, or the state of a
                ``StatefulDataLoader``.

        Raises:
            StreamStateError: it belongs to other data or other steps; while iterating: the steps do
                not allow another number of workers.
        """
        states = list(states_in(state_dict))
        if not states:
            raise not_a_state(state_dict)
        for state in states:
            check_state(state, self._identity())
        self._live = None
        self._epoch.value = states[0]["epoch"]
        self._pending = states

    def _identity(self) -> tuple[str | None, str]:
        """Digests of the data and the steps, made once."""
        if self._digests is None:
            self._digests = (digest_of_data(self._node), digest_of_chain(self._node))
        return self._digests

    # -- processes ------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state["_live"] = None  # open files stay here
        return state

    @property  # type: ignore[misc] # torch asks for the class of what it is given
    def __class__(self) -> type[Self]:
        """The class; by the way, torch learns that it is one of iterable datasets.

        torch may be imported long after this module. ``DataLoader`` asks ``isinstance`` before it
        does anything else, which comes here.
        """
        data = sys.modules.get("torch.utils.data")
        if data is not None and hasattr(data, "IterableDataset"):
            data.IterableDataset.register(type(self))
            epoch = self.__dict__.get("_epoch")
            if epoch is not None:
                epoch.share()
        return type(self)
