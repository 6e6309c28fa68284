"""One piece of work on chat rows, timed in this process: what ``dataset_table`` starts.

python -m benchmarks.dataset_works LIBRARY WORK FOLDER SCRATCH

LIBRARY is ``ours``, ``peer``, or ``limit``: the same work written by hand, where that is simple.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import dataset_limits as limits

if TYPE_CHECKING:
    from collections.abc import Callable


AGAIN_SECONDS = 30
"""Work that takes longer is not done a second time."""


class Library:
    """Ours or the peer, under one set of names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ours = name == "ours"
        if self.ours:
            from crucible_datasets.combine import concatenate_datasets, interleave_datasets
            from crucible_datasets.load import load_dataset
        else:
            from datasets import (
                concatenate_datasets,
                disable_progress_bars,
                interleave_datasets,
                load_dataset,
            )

            disable_progress_bars()
        self.load_dataset = load_dataset
        self.concatenate_datasets = concatenate_datasets
        self.interleave_datasets = interleave_datasets

    def parquet(self, folder: Path) -> Any:
        """The rows of the Parquet files."""
        files = sorted(str(path) for path in (folder / "parquet").glob("*.parquet"))
        return self.load_dataset("parquet", data_files={"train": files}, split="train")

    def lines(self, folder: Path, name: str = "chat.jsonl") -> Any:
        """The rows of the JSON lines."""
        return self.load_dataset("json", data_files={"train": str(folder / name)}, split="train")


def longest(row: Any) -> dict[str, Any]:
    """A small function of a row."""
    return {"longest": max(len(m["content"]) for m in row["messages"])}


def longest_of_batch(batch: Any) -> dict[str, Any]:
    """The same of a batch."""
    return {"longest": [max(len(m["content"]) for m in ms) for ms in batch["messages"]]}


def tokenize(row: Any) -> dict[str, Any]:
    """Work enough to share among processes."""
    counts: dict[str, int] = {}
    for message in row["messages"]:
        for word in message["content"].split():
            for i in range(len(word) - 1):
                counts[word[i : i + 2]] = counts.get(word[i : i + 2], 0) + 1
    return {"pairs": len(counts)}


def consume(rows: Any) -> int:
    """Walk through all rows."""
    count = 0
    for _ in rows:
        count += 1
    return count


def random_rows(n: int, count: int) -> list[int]:
    return np.random.default_rng(5).integers(0, n, count).tolist()


@dataclass(frozen=True)
class Work:
    """What is timed, after what is not.

    Attributes:
        run: gets the library, what ``prepare`` gave, the data's folder and a scratch folder.
        prepare: not timed; the loaded Parquet rows by default.
        reach: how many times the peer's speed is wanted.
        goal: what else is wanted.
        limit: the same by hand, on the data's folder and a scratch folder.
    """

    run: Callable[..., Any]
    prepare: Callable[..., Any] = lambda lib, folder: lib.parquet(folder)
    reach: float | None = None
    goal: str = ""
    limit: Callable[[Path, Path], Any] | None = None


def warm(lib: Library, folder: Path) -> Any:
    """The rows, with one row read at random, so that what must be held is held."""
    ds = lib.parquet(folder)
    ds[random_rows(len(ds), 2000)]
    return ds


def nothing(lib: Library, folder: Path) -> None:
    """No rows: loading them is what is timed."""


def with_polars(lib: Library, folder: Path) -> Any:
    """The rows, and Polars, which whoever writes an expression has imported."""
    import polars  # noqa: F401

    return lib.parquet(folder)


def prompt_length(row: Any) -> dict[str, Any]:
    """A smaller function of a row."""
    return {"length": len(row["prompt"])}


def prompt_lengths(batch: Any) -> dict[str, Any]:
    """The same of a batch."""
    return {"length": [len(prompt) for prompt in batch["prompt"]]}


def draws(ds: Any) -> int:
    mixed = ds.shuffle(seed=1)
    total = 0
    for step in range(200):
        start = step * 128 % max(len(mixed) - 128, 1)
        total += len(mixed.select(range(start, start + 128)).to_list())
    return total


def expression_filter(lib: Library, ds: Any) -> Any:
    if lib.ours:
        import polars as pl

        return ds.filter(pl.col("score") > 0.5)
    return ds.filter(lambda score: score > 0.5, input_columns=["score"], load_from_cache_file=False)


def take(ds: Any, rows: int) -> Any:
    return ds.select(range(min(rows, len(ds))))


WORKS: dict[str, Work] = {
    "load parquet, first row": Work(
        lambda lib, _, f, s: lib.parquet(f)[0],
        nothing,
        40,
        "cold, 0 bytes written",
        limits.first_row,
    ),
    "load jsonl, first row": Work(
        lambda lib, _, f, s: lib.lines(f)[0],
        nothing,
        4,
        "cold, 0 bytes written",
        limits.count_lines,
    ),
    "load jsonl.gz, first row": Work(
        lambda lib, _, f, s: lib.lines(f, "chat.jsonl.gz")[0], nothing, 1
    ),
    "load jsonl.zst, first row": Work(
        lambda lib, _, f, s: lib.lines(f, "chat.jsonl.zst")[0], nothing, 1
    ),
    "all rows": Work(
        lambda lib, ds, f, s: consume(ds), reach=5, goal="< 250 MB", limit=limits.rows
    ),
    "all rows, shuffled": Work(lambda lib, ds, f, s: consume(ds.shuffle(seed=3)), warm, 5),
    "ds[i], 2,000 times": Work(
        lambda lib, ds, f, s: [ds[i] for i in random_rows(len(ds), 2000)] and None, warm, 5
    ),
    "ds[[1,000 rows]], 20 times": Work(
        lambda lib, ds, f, s: [ds[random_rows(len(ds), 1000)] for _ in range(20)] and None, warm, 4
    ),
    "ds[a:a+1000], 50 times": Work(
        lambda lib, ds, f, s: [ds[a : a + 1000] for a in range(0, 50_000, 1000)] and None, warm, 1
    ),
    "200 x select(range(128)).to_list()": Work(lambda lib, ds, f, s: draws(ds), warm, 8),
    "list(ds['messages'])": Work(
        lambda lib, ds, f, s: list(ds["messages"]) and None, reach=10, limit=limits.messages
    ),
    "list(ds['id'])": Work(
        lambda lib, ds, f, s: list(ds["id"]) and None, reach=10, limit=limits.ids
    ),
    "iter(1000)": Work(lambda lib, ds, f, s: consume(ds.iter(1000)), reach=1),
    "ds[:]['prompt']": Work(lambda lib, ds, f, s: ds[:]["prompt"] and None, warm, 1),
    "map a row, small": Work(
        lambda lib, ds, f, s: ds.map(prompt_length, load_from_cache_file=False), reach=5
    ),
    "map batched, small": Work(
        lambda lib, ds, f, s: ds.map(prompt_lengths, batched=True, load_from_cache_file=False),
        reach=2,
    ),
    "map a row": Work(lambda lib, ds, f, s: ds.map(longest, load_from_cache_file=False), reach=5),
    "map batched": Work(
        lambda lib, ds, f, s: ds.map(longest_of_batch, batched=True, load_from_cache_file=False),
        reach=2,
    ),
    "map heavy": Work(
        lambda lib, ds, f, s: take(ds, 200_000).map(tokenize, load_from_cache_file=False)
    ),
    "map heavy, num_proc=2": Work(
        lambda lib, ds, f, s: take(ds, 200_000).map(
            tokenize, load_from_cache_file=False, num_proc=2
        ),
        goal="1.5x our single process",
    ),
    "filter by a function": Work(
        lambda lib, ds, f, s: ds.filter(lambda row: row["score"] > 0.5, load_from_cache_file=False),
        reach=1.1,
    ),
    "filter by a function of one column": Work(
        lambda lib, ds, f, s: ds.filter(
            lambda score: score > 0.5, input_columns=["score"], load_from_cache_file=False
        ),
        reach=1.1,
    ),
    "filter by an expression": Work(
        lambda lib, ds, f, s: expression_filter(lib, ds), with_polars, 5, limit=limits.where
    ),
    "sort": Work(
        lambda lib, ds, f, s: ds.sort("score", load_from_cache_file=False),
        reach=4,
        limit=limits.order,
    ),
    "train_test_split": Work(
        lambda lib, ds, f, s: ds.train_test_split(0.1, seed=1, load_from_cache_file=False), reach=4
    ),
    "concatenate, iterate": Work(
        lambda lib, ds, f, s: consume(
            lib.concatenate_datasets([take(ds, len(ds) // 2), take(ds, len(ds) // 2)])
        ),
        reach=4,
    ),
    "interleave, iterate": Work(
        lambda lib, ds, f, s: consume(
            lib.interleave_datasets(
                [ds.shard(2, 0), ds.shard(2, 1)], probabilities=[0.5, 0.5], seed=1
            )
        ),
        warm,
        4,
    ),
    "to_json": Work(
        lambda lib, ds, f, s: ds.to_json(s / "out.jsonl"), with_polars, 4, limit=limits.to_json
    ),
    "to_polars": Work(lambda lib, ds, f, s: ds.to_polars(), with_polars, 4, limit=limits.to_polars),
    "to_pandas": Work(lambda lib, ds, f, s: ds.to_pandas(), reach=1),
    "to_parquet": Work(lambda lib, ds, f, s: ds.to_parquet(s / "out.parquet"), reach=1),
    "to_list": Work(lambda lib, ds, f, s: ds.to_list(), reach=1),
    "save_to_disk": Work(lambda lib, ds, f, s: ds.save_to_disk(str(s / "saved")), reach=1),
    "unique": Work(lambda lib, ds, f, s: ds.unique("label"), reach=1, limit=limits.unique),
}


def peak_mb() -> float:
    """The most memory that this process ever held (Linux: that of its own, not of its parent)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def written(folder: Path) -> int:
    """Bytes in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(argv: list[str]) -> None:
    library, name, folder, scratch = argv[:4]
    work, data, place = WORKS[name], Path(folder), Path(scratch)
    home = Path(os.environ["HF_HOME"])
    if library == "limit":
        assert work.limit is not None
        work.limit(data / "few", place)
        start = time.perf_counter()
        work.limit(data, place)
        print(json.dumps({"seconds": time.perf_counter() - start}))
        return
    lib = Library(library)
    # Once on few rows: what is imported on the first call has lines of its own (dataset_start).
    few = data / "few"
    (place / "few").mkdir()
    work.run(lib, work.prepare(lib, few), few, place / "few")
    ready = work.prepare(lib, data)
    before = written(home)
    first = timed(work, lib, ready, data, place)
    facts = {"peak_mb": peak_mb(), "written": written(home) - before}
    again = timed(work, lib, ready, data, place) if first["seconds"] < AGAIN_SECONDS else {}
    print(json.dumps({**first, **facts, "again": again.get("seconds")}))


def timed(work: Work, lib: Library, ready: Any, data: Path, place: Path) -> dict[str, float]:
    """The seconds that the work takes, and those of the processor."""
    start, cpu = time.perf_counter(), time.process_time()
    work.run(lib, ready, data, place)
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    main(sys.argv[1:])
