"""Results of ``map`` and ``filter`` that lie in files, for the next process to find."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_datasets import settings
from crucible_datasets.fingerprint import Hasher, UnhashableObject, check_name
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from collections.abc import Collection

    from crucible_datasets.dataset.map import MapOptions
    from crucible_datasets.table.table import Table

SUFFIX = "_{rank:05d}_of_{num_proc:05d}"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a result lies, or shall lie.

    Attributes:
        stem: the path without what the number of processes adds; None keeps nothing.
        extension: of the files.
        template: what the number of processes adds.
        may_load: whether what lies there may be taken.
    """

    stem: Path | None
    extension: str = ".arrow"
    template: str = SUFFIX
    may_load: bool = True

    def path(self, rank: int, num_proc: int) -> Path | None:
        """The file of one process."""
        if self.stem is None:
            return None
        added = "" if num_proc == 1 else self.template.format(rank=rank, num_proc=num_proc)
        return self.stem.with_name(f"{self.stem.name}{added}{self.extension}")

    def note(self) -> None:
        """Put the files that were made now under the cap of the cache."""
        for path in self._whole():
            derived.note_made("map", path)

    def found(self) -> list[Path]:
        """The files of a whole result, whichever number of processes wrote it; or none."""
        files = self._whole() if self.may_load else []
        for path in files:
            derived.note_used("map", path)
        return files

    def _whole(self) -> list[Path]:
        if self.stem is None:
            return []
        single = self.path(0, 1)
        if single is not None and single.exists():
            return [single]
        pattern = re.compile(
            re.escape(self.stem.name)
            + re.sub(r"\\\{\w+(:\w+)?\\\}", r"(\\d+)", re.escape(self.template))
            + re.escape(self.extension)
        )
        if not self.stem.parent.is_dir():
            return []
        numbers = set()
        for entry in self.stem.parent.iterdir():
            match = pattern.fullmatch(entry.name)
            if match:
                numbers.add(int(match.groups()[-1]))
        for num_proc in sorted(numbers):
            paths = [self.path(rank, num_proc) for rank in range(num_proc)]
            if all(path is not None and path.exists() for path in paths):
                return [path for path in paths if path is not None]
        return []


def keeping(
    table: Table,
    options: MapOptions,
    kind: str,
    *,
    keep_in_memory: bool,
    load_from_cache_file: bool | None,
    cache_file_name: str | None,
    suffix_template: str,
    new_fingerprint: str | None,
) -> Keeping:
    """Where the result of a transform lies, or shall lie.

    What is read from files is kept under the name of content and function; what is in memory only
    where the caller names a file.

    Args:
        table: the input.
        options: what is called, and how.
        kind: ``map`` or ``filter``.
        keep_in_memory: keep nothing.
        load_from_cache_file: whether a result that is there may be taken; None asks the settings.
        cache_file_name: the file to use.
        suffix_template: what the number of processes adds to its name.
        new_fingerprint: a name to use instead of that of content and function.

    Raises:
        ValueError: the file has no extension, or the template not its two fields, or the new
            fingerprint can't name a file.
    """
    check(suffix_template, keep_in_memory, cache_file_name)
    if new_fingerprint is not None:
        check_name(new_fingerprint)
    enabled = settings.current().caching
    may_load = enabled if load_from_cache_file is None else load_from_cache_file
    if cache_file_name is not None:
        path = Path(cache_file_name)
        return Keeping(path.with_suffix(""), path.suffix, suffix_template, may_load)
    if keep_in_memory or not enabled or not (table.files or table.cache_paths):
        return Keeping(None)
    try:
        name = new_fingerprint or result_name(table, options, kind)
    except UnhashableObject:
        return Keeping(None)
    return Keeping(derived.folder("map") / name, may_load=may_load)


def check(suffix_template: str, keep_in_memory: bool, cache_file_name: str | None) -> None:
    """Refuse arguments that can't be meant.

    Raises:
        ValueError: the file has no extension, the template not its two fields, or both a file and
            none are wanted.
    """
    fields = set(re.findall(r"\{(\w+)", suffix_template))
    if fields != {"rank", "num_proc"}:
        raise ValueError(f"suffix_template needs the fields rank and num_proc, not {fields}")
    if cache_file_name is None:
        return
    if keep_in_memory:
        raise ValueError("give either keep_in_memory or cache_file_name, not both")
    if not Path(cache_file_name).suffix:
        raise ValueError(f"cache_file_name {cache_file_name!r} needs an extension")


def clean(used: Collection[str]) -> int:
    """Remove kept results, but those at the paths ``used``; how many files went."""
    removed = 0
    folder = derived.folder("map")
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_file() and str(entry) not in used:
            entry.unlink(missing_ok=True)
            removed += 1
    return removed


def result_name(table: Table, options: MapOptions, kind: str) -> str:
    """The name of what a function makes of a table.

    Raises:
        UnhashableObject: the function holds something that has no content to name it by.
    """
    hasher = Hasher()
    hasher.update([kind, table.key(), options.typing.before.to_dict()])
    wanted: Any = options.typing.wanted
    hasher.update(None if wanted is None else wanted.to_dict())
    hasher.update([options.function, options.kwargs, options.format.type, options.format.kwargs])
    hasher.update([options.with_indices, options.with_rank, options.input_columns])
    hasher.update([options.batched, options.batch_size, options.drop_last_batch])
    hasher.update([options.remove_columns, options.writer_batch_size])
    hasher.update([options.typing.try_original, options.typing.on_mixed_types])
    return hasher.hexdigest()
