"""The most memory that streams hold: with ten times the files, the rows, the width of rows.

python -m benchmarks stream_memory [--rows 50000] [--write]

Each stream is read in a new process. The figure is what it held at most beyond an idle process that has
imported the library. It should stay flat.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.page import Page

READ = """
import sys
from pathlib import Path
from crucible_datasets.stream import IterableDataset
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
files = sorted(str(path) for path in Path(sys.argv[1]).glob("*.parquet"))
stream = IterableDataset.from_parquet(files)
next(iter(stream.take(1).shuffle(seed=1).batch(2)))
idle = peak()
if sys.argv[2] == "shuffled":
    stream = stream.shuffle(seed=1, buffer_size=1000).batch(32)
rows = sum(1 for _ in stream)
print(peak() - idle)
"""

SHAPES = {
    "as it is": (1, 1, 1),
    "10x files": (10, 1, 1),
    "10x rows": (1, 10, 1),
    "10x width": (1, 1, 10),
}


def make(folder: Path, rows: int, files: int, width: int) -> None:
    """Files of texts; every file has its share of the rows, in row groups of 2,000."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    generator = np.random.default_rng(1)
    letters = "".join(generator.choice(list("abcdefghij "), size=1_000_000))
    for number in range(files):
        count = rows // files
        starts = generator.integers(0, len(letters) - 300 * width, count).tolist()
        texts = [letters[start : start + 300 * width] for start in starts]
        table = pa.table({"id": list(range(count)), "text": texts})
        pq.write_table(table, folder / f"{number:04d}.parquet", row_group_size=2000)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    page = Page(
        "stream_memory",
        f"Memory of streams: {arguments.rows:,} rows",
        "crucible-datasets",
        "pyarrow",
    )
    page.line(f"{'':<14}{'in order':>12}{'shuffled':>12}   MB above an idle process")
    for name, (files, rows, width) in SHAPES.items():
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), arguments.rows * rows, 4 * files, width)
            held = [
                subprocess.run(
                    [sys.executable, "-c", READ, folder, way],
                    capture_output=True,
                    check=True,
                    text=True,
                ).stdout
                for way in ("in order", "shuffled")
            ]
        page.line(f"{name:<14}" + "".join(f"{float(mb):>12.0f}" for mb in held))
    if arguments.write:
        page.write()
