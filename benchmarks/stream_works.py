"""One piece of work on a stream of chat rows, timed in this process: what ``stream_passes`` starts.

python -m benchmarks.stream_works LIBRARY WORK FOLDER
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

REPO = "bench/chat"


class Library:
    """Ours or the peer, under one set of names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ours = name == "ours"
        if self.ours:
            from crucible_datasets.load import load_dataset
        else:
            from datasets import load_dataset
        self.load_dataset = load_dataset

    def parquet(self, folder: Path) -> Any:
        """The stream of the Parquet files."""
        files = sorted(str(path) for path in (folder / "parquet").glob("*.parquet"))
        return self._files("parquet", files)

    def lines(self, folder: Path, name: str) -> Any:
        """The stream of the JSON lines."""
        return self._files("json", str(folder / name))

    def images(self, folder: Path) -> Any:
        """The stream of the images."""
        return self._files("parquet", str(folder / "images.parquet"))

    def hub(self) -> Any:
        """The stream of the repository on the Hub that the environment names."""
        return self.load_dataset(REPO, split="train", streaming=True)

    def warm(self, folder: Path, *, with_lines: bool) -> None:
        """Import all that a stream needs: both import late, each in its own places."""
        streams = [self.parquet(folder)]
        if with_lines:
            streams.append(self.lines(folder, "chat.jsonl.zst"))
        for stream in streams:
            rows = stream.take(2)
            count((rows.shuffle(seed=1) if self.ours else rows).map(dict).batch(2))

    def _files(self, kind: str, files: Any) -> Any:
        return self.load_dataset(kind, data_files={"train": files}, split="train", streaming=True)


def longest(row: Any) -> dict[str, Any]:
    """A small function of a row."""
    return {"longest": max(len(m["content"]) for m in row["messages"])}


def is_long(row: Any) -> bool:
    """A small judgement of a row."""
    return bool(row["longest"] > 250)


def count(rows: Any) -> int:
    """How many there are."""
    return sum(1 for _ in rows)


def first_rows_shuffled(lib: Library, folder: Path) -> int:
    """A hundred batches through a buffer. The iterator is not closed: the peer sleeps then."""
    batches = iter(lib.parquet(folder).shuffle(seed=1, buffer_size=10_000).batch(128))
    KEPT.append(batches)
    return count(islice(batches, 100))


KEPT: list[Any] = []


def restore(lib: Library, folder: Path) -> int:
    """One row behind a state in the middle of a shuffled stream; the state is made before."""
    stream = lib.parquet(folder).shuffle(seed=1, buffer_size=10_000)
    stream.load_state_dict(json.loads((folder / "state.json").read_text()))
    return count(islice(stream, 1))


def make_state(lib: Library, folder: Path) -> int:
    """Note where a shuffled stream stands after a million rows; of fewer, near the end."""
    stream = lib.parquet(folder).shuffle(seed=1, buffer_size=10_000)
    total = sum(rows_of(path) for path in (folder / "parquet").glob("*.parquet"))
    place = min(1_000_000, max(total // 2, total - 100_000))
    rows = iter(stream)
    count(islice(rows, place))
    (folder / "state.json").write_text(json.dumps(stream.state_dict()))
    KEPT.append(rows)
    return place


def rows_of(path: Path) -> int:
    """The rows of a Parquet file."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def decode_images(lib: Library, folder: Path) -> int:
    """Open every image."""
    return count(row["image"].load() for row in lib.images(folder))


def make_images(folder: Path, n: int = 2000) -> None:
    """JPEG images of 320 by 240, once."""
    path = folder / "images.parquet"
    if path.exists():
        return
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    generator = np.random.default_rng(1)
    images = []
    for number in range(n):
        small = generator.integers(0, 255, (24, 32, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(small).resize((320, 240)).save(out, "JPEG", quality=85)
        images.append({"bytes": out.getvalue(), "path": f"{number}.jpg"})
    features = {"info": {"features": {"image": {"_type": "Image"}}}}
    schema = pa.schema(
        [pa.field("image", pa.struct({"bytes": pa.binary(), "path": pa.string()}))],
        metadata={"huggingface": json.dumps(features)},
    )
    table = pa.Table.from_pylist([{"image": image} for image in images], schema=schema)
    pq.write_table(table, path, row_group_size=100)


@dataclass(frozen=True)
class Work:
    """What is timed, what the issue asks for (times the peer), and what it needs."""

    run: Callable[[Library, Path], int]
    reach: float | None = None
    hub: bool = False
    with_import: bool = False
    only_ours: bool = False
    goal: str = ""


WORKS = {
    "first row, Parquet": Work(lambda lib, f: count(islice(lib.parquet(f), 1)), 3),
    "import and first row, Parquet": Work(
        lambda lib, f: count(islice(Library(lib.name).parquet(f), 1)), 3, with_import=True
    ),
    "full pass, Parquet": Work(lambda lib, f: count(lib.parquet(f)), 5),
    "full pass, Parquet, batches": Work(lambda lib, f: count(lib.parquet(f).iter(1000)), 1.5),
    "full pass, JSON lines": Work(lambda lib, f: count(lib.lines(f, "chat.jsonl")), 8),
    "full pass, JSON lines gz": Work(lambda lib, f: count(lib.lines(f, "chat.jsonl.gz")), 3.5),
    "full pass, JSON lines zst": Work(lambda lib, f: count(lib.lines(f, "chat.jsonl.zst")), 8),
    "one column of five": Work(lambda lib, f: count(lib.parquet(f).select_columns("id")), 15),
    "shuffle 10,000, 100 batches": Work(first_rows_shuffled, 5, goal="under 250 MB"),
    "skip nine tenths, one row": Work(
        lambda lib, f: count(
            islice(lib.parquet(f).skip(9 * sum(map(rows_of, (f / "parquet").iterdir())) // 10), 1)
        ),
        20,
    ),
    "map and filter": Work(lambda lib, f: count(lib.parquet(f).map(longest).filter(is_long)), 4),
    "images, decoded": Work(decode_images, 1.5),
    "first row over the Hub": Work(lambda lib, _: count(islice(lib.hub(), 1)), 1.5, hub=True),
    "full pass over the Hub": Work(lambda lib, _: count(lib.hub()), 3, hub=True),
    "one column over the Hub": Work(
        lambda lib, _: count(lib.hub().select_columns("id")), None, hub=True
    ),
    "restore a shuffle": Work(restore, only_ours=True, goal="under 2 s"),
}


def peak_mb() -> float:
    """The most memory that this process ever held."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main(argv: list[str]) -> None:
    library, name, folder = argv[0], argv[1], Path(argv[2])
    if name in WORKS and WORKS[name].with_import:
        lib = Library.__new__(Library)
        lib.name = library
    else:
        lib = Library(library)
        lib.warm(folder, with_lines="JSON" in name)
    if name == "make state":
        make_state(lib, folder)
        sys.stdout.flush()
        os._exit(0)
    start, cpu = time.perf_counter(), time.process_time()
    found = WORKS[name].run(lib, folder)
    result = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "count": found,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(result), flush=True)
    os._exit(0)  # without the peer's sleep at the end of a shuffled stream


if __name__ == "__main__":
    main(sys.argv[1:])
