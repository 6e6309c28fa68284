"""What a small request costs the client: ours, http.client, and whatever else is installed.

    python -m benchmarks http_requests [--requests 3000] [--write]

The server sends one fixed answer, so that what is measured is the client.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

from benchmarks.page import Page

SERVER = """
import socket, sys, threading
body = b'{"a":1}' * 60
answer = (
    b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n"
    b'ETag: "ce013625030ba8dba906f756967f9e9ca394464a"\\r\\nX-Repo-Commit: aaaa\\r\\n'
    b"Date: Wed, 25 Nov 2026 22:00:00 GMT\\r\\nX-Request-Id: 1234\\r\\nVary: Origin\\r\\n\\r\\n"
) % len(body) + body
def talk(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    got = b""
    while more := sock.recv(65536):
        got += more
        while b"\\r\\n\\r\\n" in got:
            got = got.partition(b"\\r\\n\\r\\n")[2]
            sock.sendall(answer)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), sys.exit()), daemon=True).start()
while True:
    sock, _ = listener.accept()
    threading.Thread(target=talk, args=(sock,), daemon=True).start()
"""

CLIENTS = {
    "hfhub.http": (
        "from hfhub.http import Client; from hfhub.settings import Settings;"
        "client = Client(Settings.from_env({'HF_ENDPOINT': URL}), token='t')",
        "client.request('GET', 'api/x').content",
    ),
    "http.client": (
        "import http.client; line = http.client.HTTPConnection('127.0.0.1', PORT)",
        "(line.request('GET', '/api/x', headers=HEADERS), line.getresponse().read())",
    ),
    "urllib3": (
        "import urllib3; pool = urllib3.PoolManager()",
        "pool.request('GET', URL + '/api/x', headers=HEADERS).data",
    ),
    "httpx2": (
        "import httpx2; client = httpx2.Client()",
        "client.get(URL + '/api/x', headers=HEADERS).content",
    ),
    "requests": (
        "import requests; session = requests.Session()",
        "session.get(URL + '/api/x', headers=HEADERS).content",
    ),
}

CALL = """
import json, sys, time
PORT, rounds, setup, call = json.loads(sys.argv[1])
URL = f"http://127.0.0.1:{PORT}"
HEADERS = {"authorization": "Bearer t", "user-agent": "bench"}
start = time.perf_counter()
exec(setup)
ready = time.perf_counter() - start
code = compile(call, "call", "eval")
for _ in range(100):
    eval(code)
cpu, clock = time.process_time(), time.perf_counter()
for _ in range(rounds):
    eval(code)
cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
print(json.dumps([ready, cpu / rounds, clock / rounds]))
"""


def measure(port: int, rounds: int, setup: str, call: str, compiled: str) -> list[float]:
    """Seconds of import, processor seconds and clock seconds a request: the best of three."""
    command = [sys.executable, "-c", CALL, json.dumps([port, rounds, setup, call])]
    # Imports are of compiled modules, as everywhere but in a source checkout that may not write.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
    runs = [json.loads(subprocess.check_output(command, env=env, text=True)) for _ in range(3)]
    return [min(column) for column in zip(*runs, strict=True)]


def main(argv: list[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="http_requests", description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    page = Page("http_requests", "What a small request costs the client", "hfhub", "httpx2")
    with (
        tempfile.TemporaryDirectory() as compiled,
        subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        assert server.stdout is not None
        port = int(server.stdout.readline())
        for name, (setup, call) in CLIENTS.items():
            if importlib.util.find_spec(name.partition(".")[0]) is None:
                continue
            ready, cpu, clock = measure(port, options.requests, setup, call, compiled)
            page.line(
                f"{name:<12} import {ready * 1e3:5.0f} ms   a request: CPU {cpu * 1e6:5.0f} us, "
                f"clock {clock * 1e6:5.0f} us"
            )
        server.terminate()
    if options.write:
        page.write()
