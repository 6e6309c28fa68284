"""One config of a dataset, found but not read: what ``load_dataset_builder`` gives."""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_datasets import settings
from crucible_datasets.discovery.config import config_names
from crucible_datasets.discovery.hub import HubTree, fetch, kept, told
from crucible_datasets.errors import NonMatchingSplitsSizesError
from crucible_datasets.formats.members import expanded
from crucible_datasets.info import DatasetInfo
from crucible_datasets.splits import NamedSplit, ReadInstruction, RowRange, SplitInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.dataset.dict import DatasetDict
    from crucible_datasets.discovery.plan import Plan
    from crucible_datasets.formats.base import DataFile, Format, Scan
    from crucible_datasets.schema import Features
    from crucible_datasets.schema.report import Report
    from crucible_datasets.schema.validate import Mode
    from crucible_datasets.stream.dataset import IterableDataset
    from crucible_datasets.stream.dict import IterableDatasetDict

__all__ = ["BuilderConfig", "DatasetBuilder"]

#: Bytes that the types of a stream are found out from: as many as the peer looks at.
_PREFIX = 10 << 20

SplitArgument = Any  # str | NamedSplit | ReadInstruction, or a list or dict of them, or None


@dataclass(frozen=True)
class BuilderConfig:
    """One way of reading a dataset, as ``builder.config`` shows it.

    Attributes:
        name: the config.
        version: of the config; kept for code that asks for it.
        data_dir: the folder that its patterns start from.
        data_files: split -> names of its files.
        description: in words.
        options: the format's parameters.
    """

    name: str = "default"
    version: str = "0.0.0"
    data_dir: str | None = None
    data_files: Mapping[str, list[str]] = field(default_factory=dict)
    description: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class DatasetBuilder:
    """A dataset at a config: its files are known, its rows are not read.

    Attributes:
        plan: what will be read.
        info: what is declared: features, splits, licence.
        config: the config that was chosen.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        features: Features | None = None,
        validation: Mode | None = None,
        fetch_again: bool = False,
    ) -> None:
        if validation is not None:
            from crucible_datasets.schema.validate import check_mode  # costs 50 ms

            check_mode(validation)
        self.plan = plan
        self._validation = validation
        self._fetch_again = fetch_again
        self.info = declared_info(plan)
        if features is not None:
            from crucible_datasets.schema import Features

            self.info.features = Features(features)
        self._has_features = self.info.features is not None
        self.config = BuilderConfig(
            name=plan.config.name,
            data_dir=plan.config.data_dir,
            data_files={split: [f.name for f in files] for split, files in plan.splits.items()},
            options=plan.options,
        )

    @property
    def name(self) -> str:
        """The format."""
        return self.plan.format

    @property
    def dataset_name(self) -> str:
        """The dataset, without its owner, in snake case."""
        return self.plan.place.name

    @property
    def repo_id(self) -> str | None:
        """The repository, if it is on the Hub."""
        return self.plan.place.repo_id

    @property
    def base_path(self) -> str:
        """Where paths start from."""
        return self.plan.place.tree.place

    @property
    def hash(self) -> str:
        """The commit of a repository; ``"local"`` for files here."""
        return self.plan.place.version

    @property
    def cache_dir(self) -> str:
        """The folder named after the config and the content of its files; nothing is put there."""
        content = hashlib.sha256("\n".join(file.key() for file in self.plan.files).encode())
        folder = settings.current().cache / self.dataset_name / self.config.name
        return str(folder / content.hexdigest()[:16])

    @property
    def builder_configs(self) -> dict[str, BuilderConfig]:
        """All configs of the dataset, by name; files are found for the chosen one only."""
        return {
            name: self.config if name == self.config.name else BuilderConfig(name)
            for name in config_names(self.plan.card)
        }

    def download_and_prepare(self, *_args: Any, **_kwargs: Any) -> None:
        """Bring all files to this machine; nothing is converted, whatever is asked for."""
        self.fetch(self.plan.splits)

    def fetch(self, splits: Iterable[str]) -> list[Path]:
        """Bring the files of ``splits`` to this machine, those that are missing, and say where."""
        files = [file for split in splits for file in self.plan.splits[split]]
        paths = fetch(files, again=self._fetch_again)
        self._fetch_again = False
        return paths

    def as_dataset(
        self,
        split: SplitArgument = None,
        in_memory: bool = False,  # noqa: ARG002 - rows are held once they are asked for, anyway
    ) -> Dataset | DatasetDict | list[Any] | tuple[Any, ...] | dict[str, Any]:
        """The rows of ``split`` by position, or of every split; no row is read yet.

        Args:
            split: a name, a slice such as ``"train[:10%]"``, a ReadInstruction, or a list or dict
                of them; None means every split, in a ``DatasetDict``.
            in_memory: kept for code that passes it.

        Raises:
            ValueError: there is no such split, or no row in that part of it.
            SchemaError: the types of the rows had to be found out, and a row is malformed.
        """
        from crucible_datasets.dataset.dict import DatasetDict

        if split is None:
            split = {name: name for name in self.plan.splits}
        wanted = [self._instruction(part) for part in _leaves(split)]
        names = list(dict.fromkeys(name for parts in wanted for name in parts.split_names))
        self.fetch(names)
        scans = self.scans(names)
        made = _map_leaves(split, lambda part: self._dataset(part, scans))
        return DatasetDict(made) if isinstance(made, dict) else made

    def as_streaming_dataset(
        self,
        split: SplitArgument = None,
        base_path: str | None = None,  # noqa: ARG002 - files are named in full
        *,
        keep_files: bool = False,
    ) -> IterableDataset | IterableDatasetDict | list[Any] | tuple[Any, ...]:
        """The rows of ``split`` in order, or of every split; nothing is written to disk.

        Args:
            split: a name, several joined by ``+``, ``"all"``, or a list or dict of them.
            base_path: kept for code that passes it.
            keep_files: a file of the Hub that was read whole stays in the cache, verified.

        Raises:
            ValueError: there is no such split; or it is a slice, which a stream can't count.
        """
        from crucible_datasets.stream import IterableDatasetDict

        if split is None:
            split = {name: name for name in self.plan.splits}
        names = [name for part in _leaves(split) for name in self._streamed_names(part)]
        scans = self.scans(dict.fromkeys(names), prefix=_PREFIX, keep_files=keep_files)
        made = _map_leaves(split, lambda part: self._stream(part, scans))
        return IterableDatasetDict(made) if isinstance(made, dict) else made

    def report(self, split: SplitArgument = None) -> Report:
        """Every value of ``split`` that is not as the features say, with its place; bounded.

        Raises:
            ValueError: no features are given, and none are declared.
        """
        from crucible_datasets.formats import get_format
        from crucible_datasets.schema.report import Report

        if self.info.features is None:
            raise ValueError("validation='report' compares rows with features=; pass them")
        parts = list(self.plan.splits) if split is None else _leaves(split)
        names = list(dict.fromkeys(n for p in parts for n in self._instruction(p).split_names))
        self.fetch(names)
        report = Report()
        check = getattr(get_format(self.plan.format), "check", None)
        if check is not None:  # it reads a file in several threads, and knows the order
            files = [file for name in names for file in self._files(name)]
            check(files, self.info.features, self.plan.options, report)
            return report
        for scan in self.scans(names, report=report).values():
            for shard in scan.shards():
                deque(shard.batches(), maxlen=0)
        return report

    def compare_with_card(self) -> None:
        """Compare the number of rows of each split with what the card declares.

        Raises:
            NonMatchingSplitsSizesError: they differ.
        """
        declared: Mapping[str, SplitInfo] = self.info.splits or {}
        for name, scan in self.scans(self.plan.splits).items():
            if name in declared and declared[name].num_examples != scan.num_rows():
                raise NonMatchingSplitsSizesError(
                    f"the card declares {declared[name].num_examples} rows in the split {name!r}, "
                    f"and there are {scan.num_rows()}"
                )

    def scans(
        self,
        names: Iterable[str],
        *,
        prefix: int | None = None,
        report: Report | None = None,
        keep_files: bool = False,
    ) -> dict[str, Scan]:
        """The rows of the splits called ``names``, all with the same features, not read.

        Args:
            names: the splits.
            prefix: find out types from so many bytes, where the files do not tell; from all of
                them by default.
            report: what is to collect mismatches while rows are read.
            keep_files: files of the Hub that are read whole stay in the cache.

        Raises:
            ValueError: a report is wanted, and rows are asked for.
        """
        from crucible_datasets.formats import get_format

        if self._validation is not None and report is None:
            from crucible_datasets.schema.validate import check_mode

            check_mode(self._validation, of_rows=True)
        format_ = get_format(self.plan.format)
        wanted = list(names)
        tree = self.plan.place.tree
        with told(tree.ref) if isinstance(tree, HubTree) else nullcontext():
            scans = format_.scan_splits(
                {
                    name: self._files(name, keep=keep_files)
                    for name in (self.plan.splits if _needs_all(format_) else wanted)
                },
                features=self.info.features,
                options={
                    **self.plan.options,
                    "validation": self._validation if report is None else report,
                    "prefix": prefix,
                },
            )
        if wanted:
            self.info.features = scans[wanted[0]].features
        return {name: scans[name] for name in wanted}

    def _files(self, split: str, *, keep: bool = False) -> tuple[DataFile, ...]:
        """The files of a split, with what is in archives; a WebDataset is its archives."""
        files = self.plan.splits[split]
        if keep:
            files = tuple(map(kept, files))
        return files if self.plan.format == "webdataset" else expanded(files)

    def _instruction(self, split: Any) -> ReadInstruction:
        """What to read for one split argument; the splits it names exist."""
        if not isinstance(split, ReadInstruction):
            text = str(split)
            split = ReadInstruction.from_spec("+".join(self.plan.splits) if text == "all" else text)
        for name in split.split_names:
            if name not in self.plan.splits:
                known = list(self.plan.splits)
                raise ValueError(f'Unknown split "{name}". Should be one of {known}.')
        return split  # type: ignore[no-any-return] # narrowed above

    def _dataset(self, split: Any, scans: Mapping[str, Scan]) -> Dataset:
        from crucible_datasets.dataset.dataset import Dataset
        from crucible_datasets.table.table import Table, concat

        instruction = self._instruction(split)
        name = NamedSplit(str(instruction))
        tables = {part: Table.from_scan(scans[part]) for part in instruction.split_names}
        if instruction.whole:
            parts = [tables[part] for part in instruction.split_names]
        else:
            lengths = {part: table.num_rows for part, table in tables.items()}
            parts = [
                _cut(tables[rows.split], rows)
                for rows in instruction.to_absolute(lengths)
                if rows.length
            ]
            if not parts:
                raise ValueError(f'Instruction "{instruction}" corresponds to no data!')
        features = scans[instruction.split_names[0]].features
        return Dataset.from_table(concat(parts), features, split=name, info=self.info.copy())

    def _streamed_names(self, split: Any) -> list[str]:
        text = str(split)
        if text in self.plan.splits:
            return [text]
        if text == "all":
            return list(self.plan.splits)
        names = [name.strip() for name in text.split("+")]
        if not all(name in self.plan.splits for name in names):
            raise ValueError(
                f"Bad split: {split}. Available splits: {list(self.plan.splits)}. A stream takes "
                "whole splits: use .skip() and .take() for parts"
            )
        return names

    def _stream(self, split: Any, scans: Mapping[str, Scan]) -> IterableDataset:
        from crucible_datasets.formats import get_format
        from crucible_datasets.stream import concatenate, from_scan

        format_ = get_format(self.plan.format)
        streams = [
            from_scan(
                scans[name],
                split=name,
                info=self.info.copy(),
                by_tables=format_.by_tables,
                typed=self._has_features or (format_.typed and scans[name].typed),
            )
            for name in self._streamed_names(split)
        ]
        return streams[0] if len(streams) == 1 else concatenate(streams, split=str(split))

    def __repr__(self) -> str:
        return (
            f"DatasetBuilder({self.repo_id or self.base_path!r}, config={self.config.name!r}, "
            f"format={self.name!r}, splits={list(self.plan.splits)})"
        )


def declared_info(plan: Plan) -> DatasetInfo:
    """What the card says of the plan's config, if it is about the plan's files."""
    info = DatasetInfo()
    name = plan.config.name
    if plan.is_declared:
        if name in plan.card.infos:
            info = DatasetInfo.from_yaml_dict(plan.card.infos[name])
        elif name in plan.card.legacy_infos:
            info = DatasetInfo.from_dict(plan.card.legacy_infos[name])
    if "features" in plan.config.options:
        from crucible_datasets.schema import Features

        info.features = Features.from_yaml_list(plan.config.options["features"])
    info.builder_name = plan.format
    info.dataset_name = plan.place.name
    info.config_name = name
    info.version = info.version or "0.0.0"
    return info


def _needs_all(format_: Format) -> bool:
    """Whether the schema depends on the names of the files of all splits."""
    return getattr(format_, "schema_from_all", False)


def _cut(table: Any, rows: RowRange) -> Any:
    return table.select_rows(range(rows.start, rows.stop))


def _leaves(split: SplitArgument) -> list[Any]:
    if isinstance(split, dict):
        return [leaf for part in split.values() for leaf in _leaves(part)]
    if isinstance(split, list | tuple):
        return [leaf for part in split for leaf in _leaves(part)]
    return [split]


def _map_leaves(split: SplitArgument, make: Any) -> Any:
    if isinstance(split, dict):
        return {str(name): _map_leaves(part, make) for name, part in split.items()}
    if isinstance(split, list | tuple):
        return type(split)(_map_leaves(part, make) for part in split)
    return make(split)
