"""A local Hub in a process of its own, and calls of either library in others, timed.

Nothing to run here: the other ``hub_*`` benchmarks stand on it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = "hfhub"
PEER = "huggingface_hub"
REPO = "bench/data"

SERVER = """
import json, os, sys
from pathlib import Path
from hfhub.local_hub import LocalHub
spec = json.loads(sys.argv[1])
with LocalHub(keep_log=False) as hub:
    if spec["kind"] == "many":
        files = {
            f"data/{n:05}.json": (b'{"n": %d}' % n) + b" " * (n % 4000)
            for n in range(spec["count"])
        }
        sha = hub.add(spec["repo"], files, lfs=[])
    else:
        sha = hub.add(spec["repo"], {"big.bin": Path(spec["path"])}, lfs=["*"])
    print(json.dumps({"endpoint": hub.endpoint, "sha": sha}), flush=True)
    sys.stdin.read()
"""

CALL = """
import json, os, resource, sys, time
spec = json.loads(sys.argv[1])
start = time.perf_counter()
exec(spec["setup"])
ready = time.perf_counter() - start
times = []
for _ in range(spec["rounds"]):
    start = time.perf_counter()
    cpu = time.process_time()
    result = eval(spec["call"])
    times.append((time.perf_counter() - start, time.process_time() - cpu))
usage = resource.getrusage(resource.RUSAGE_SELF)
megabytes = usage.ru_maxrss / 1024
print(json.dumps({"ready": ready, "times": times, "megabytes": megabytes, "result": str(result)}))
"""


class Hub(NamedTuple):
    """A running local Hub."""

    endpoint: str
    sha: str


class Measured(NamedTuple):
    """What one process took.

    Attributes:
        ready: seconds of the imports.
        seconds: the fastest round.
        cpu: processor seconds of that round.
        megabytes: the peak of its memory.
        result: what the call gave, as text.
    """

    ready: float
    seconds: float
    cpu: float
    megabytes: float
    result: str


@contextmanager
def serve(**spec: object) -> Iterator[Hub]:
    """Run a local Hub with one repository in another process."""
    spec = {"repo": REPO, **spec}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, json.dumps(spec)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Hub(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(30)


def call(hub: Hub, cache: Path | str, setup: str, expression: str, rounds: int = 1) -> Measured:
    """Evaluate ``expression`` after ``setup`` in a new process whose cache is ``cache``."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HFHUB"))
    }
    env |= {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(cache), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    spec = json.dumps({"setup": setup, "call": expression, "rounds": rounds})
    done = subprocess.run(
        [sys.executable, "-c", CALL, spec], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    got = json.loads(done.stdout.splitlines()[-1])
    seconds, cpu = min(got["times"])
    return Measured(got["ready"], seconds, cpu, got["megabytes"], got["result"])


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder, on a disk rather than in memory where that can be chosen."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-", dir=os.environ.get("BENCH_DIR")) as path:
        yield Path(path)


def row(what: str, ours: float, peer: float, unit: str = "s", note: str = "") -> str:
    """One line of results with the ratio."""
    scale = {"s": 1.0, "ms": 1e3, "us": 1e6}[unit]
    ratio = peer / ours if ours else float("inf")
    return (
        f"{what:<34} ours {ours * scale:9.2f} {unit}  peer {peer * scale:9.2f} {unit}  "
        f"{ratio:6.1f}x  {note}"
    )


def costs(ours: Measured, peer: Measured) -> str:
    """Processor time and memory of both, for the end of a line."""
    return f"cpu {ours.cpu:.2f} / {peer.cpu:.2f} s, {ours.megabytes:.0f} / {peer.megabytes:.0f} MB"
