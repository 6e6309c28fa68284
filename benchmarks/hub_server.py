"""How fast the local Hub answers: small files a second, one and eight connections; one large file.

    python -m benchmarks hub_server [--requests 4000] [--megabytes 512] [--write]

Other benchmarks run against this server, so its share of the machine is part of their figures.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.page import Page

SERVER = """
import json, sys
from pathlib import Path
from hfhub.local_hub import LocalHub
with LocalHub(keep_log=False) as hub:
    files = {f"f/{n:04}.json": b"x" * 500 for n in range(2000)}
    sha = hub.add("bench/data", {**files, "big.bin": Path(sys.argv[1])})
    print(json.dumps([hub.endpoint, sha]), flush=True)
    sys.stdin.read()
"""


class Line:
    """A kept-alive connection that asks for a path and throws the body away."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._sock = socket.create_connection((parts.hostname or "", parts.port or 80))
        self._buffer = bytearray(1 << 20)

    def get(self, target: str) -> tuple[str, int]:
        """The head, and how long the body was."""
        self._sock.sendall(f"GET {target} HTTP/1.1\r\nHost: local\r\n\r\n".encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._sock.recv(1 << 16)
        head, _, rest = got.partition(b"\r\n\r\n")
        text = head.decode()
        size = int(text.lower().split("content-length: ")[1].split("\r\n")[0])
        left = size - len(rest)
        while left:
            left -= self._sock.recv_into(self._buffer, min(left, len(self._buffer)))
        return text, size


def main(argv: list[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="hub_server", description=__doc__)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    page = Page("hub_server", "How fast the local Hub answers", "hfhub")
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "big.bin"
        with big.open("wb") as file:
            for _ in range(options.megabytes):
                file.write(bytes(1_000_000))
        with subprocess.Popen(
            [sys.executable, "-c", SERVER, str(big)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            endpoint, sha = json.loads(process.stdout.readline())
            measure(page, endpoint, sha, process.pid, options.requests)
            process.stdin.close()
    if options.write:
        page.write()


def measure(page: Page, endpoint: str, sha: str, pid: int, count: int) -> None:
    """Ask for small files, then for the large one."""
    small = f"/api/resolve-cache/datasets/bench/data/{sha}/f/0001.json"
    for connections in (1, 8):
        each = count // connections
        threads = [
            threading.Thread(target=repeat, args=(endpoint, small, each))
            for _ in range(connections)
        ]
        start, used = time.perf_counter(), processor_seconds(pid)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, used = time.perf_counter() - start, processor_seconds(pid) - used
        rate, cost = each * connections / took, used / (each * connections) * 1e6
        page.line(
            f"small files, {connections} at once   {rate:8.0f} /s   server: {cost:.0f} us each"
        )
    head, _ = Line(endpoint).get("/datasets/bench/data/resolve/main/big.bin")
    link = urlsplit(head.split("Location: ")[1].split("\r\n")[0])
    line = Line(f"http://{endpoint.rpartition('/')[2].rpartition(':')[0]}:{link.port}")
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        _, size = line.get(f"{link.path}?{link.query}")
        best = max(best, size / (time.perf_counter() - start) / 1e6)
    page.line(f"one large file             {best:8.0f} MB/s")


def repeat(endpoint: str, target: str, count: int) -> None:
    line = Line(endpoint)
    for _ in range(count):
        line.get(target)


def processor_seconds(pid: int) -> float:
    """What the server has used of a core so far; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    main(sys.argv[1:])
