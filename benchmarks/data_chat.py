"""The chat rows that every benchmark of datasets reads: seeded, so that everybody has the same.

python -m benchmarks data_chat FOLDER [--rows 1000000] [--json-rows 100000]

Each row has ``id``, ``prompt`` (about 200 characters), ``messages`` (2 to 4 dicts of ``role`` and
``content``, about 600 characters together), ``score`` and ``label``. They lie in 8 Parquet files
with row groups of 10,000; the first of them also as JSON lines, plain and compressed.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 8
GROUP = 10_000
LABELS = ["math", "code", "chat", "science", "law"]


def words(generator: np.random.Generator) -> list[str]:
    """A vocabulary of words of 2 to 10 letters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(generator.choice(letters, size=n)) for n in generator.integers(2, 11, 4000)]


class Writer:
    """Texts of about a wanted length, drawn from one long text."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        drawn = generator.choice(words(generator), size=400_000)
        self.text = " ".join(drawn.tolist())

    def texts(self, count: int, mean: int) -> list[str]:
        """``count`` texts of about ``mean`` characters."""
        sizes = self.generator.integers(mean // 2, mean * 3 // 2, count)
        starts = self.generator.integers(0, len(self.text) - 2 * mean, count)
        return [self.text[a : a + n] for a, n in zip(starts.tolist(), sizes.tolist(), strict=True)]


def batches(rows: int, seed: int = 7) -> Iterator[pa.RecordBatch]:
    """The rows, a row group at a time."""
    generator = np.random.default_rng(seed)
    writer = Writer(generator)
    for start in range(0, rows, GROUP):
        count = min(GROUP, rows - start)
        turns = generator.integers(2, 5, count)
        contents = writer.texts(int(turns.sum()), 200)
        offsets = np.concatenate([[0], np.cumsum(turns)])
        roles = np.array(["user", "assistant"])[(np.arange(len(contents)) % 2)]
        chats = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()),
            pa.StructArray.from_arrays(
                [pa.array(roles.tolist()), pa.array(contents)], names=["role", "content"]
            ),
        )
        labels = generator.choice(LABELS, size=count).tolist()
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(start, start + count)),
                pa.array(writer.texts(count, 200)),
                chats,
                pa.array(generator.random(count)),
                pa.array(labels),
            ],
            names=["id", "prompt", "messages", "score", "label"],
        )


def make(folder: Path, rows: int = 1_000_000, json_rows: int = 100_000) -> Path:
    """Write the files, if they are not there; the folder."""
    done = folder / f"done-{rows}-{json_rows}"
    if done.exists():
        return folder
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    each = -(-rows // FILES)
    written, files = 0, 0
    parquet: pq.ParquetWriter | None = None
    with open(folder / "chat.jsonl", "wb") as lines:
        for batch in batches(rows):
            if parquet is None:
                name = f"train-{files:05d}-of-{FILES:05d}.parquet"
                parquet = pq.ParquetWriter(folder / "parquet" / name, batch.schema)
                files += 1
            parquet.write_batch(batch, row_group_size=GROUP)
            if written < json_rows:
                lines.writelines(
                    orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
                    for row in batch.slice(0, json_rows - written).to_pylist()
                )
            written += batch.num_rows
            if written >= each * files:
                parquet.close()
                parquet = None
    if parquet is not None:
        parquet.close()
    plain = (folder / "chat.jsonl").read_bytes()
    (folder / "chat.jsonl.gz").write_bytes(gzip.compress(plain, 6, mtime=0))
    try:
        from compression import zstd
    except ImportError:
        from backports import zstd
    (folder / "chat.jsonl.zst").write_bytes(zstd.compress(plain))
    done.touch()
    return folder


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json-rows", type=int, default=100_000)
    arguments = parser.parse_args(argv)
    make(arguments.folder, arguments.rows, arguments.json_rows)
