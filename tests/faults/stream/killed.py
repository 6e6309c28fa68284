"""The process that is killed: reads a chain, notes rows and states, dies.

It imports everything once, then forks a child for each line of standard input: a JSON object with
``chain``, ``files``, ``state`` (or null), ``out`` (where rows are noted) and ``rows`` (after how many
rows the child sends itself SIGKILL, or null). It answers with the child's exit status.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from crucible_datasets.stream import IterableDataset, concatenate, interleave


def double(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


async def double_slowly(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


def odd(row: dict[str, Any]) -> bool:
    return row["a"] % 2 == 1


def explode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [v for v in values for _ in range(2)] for name, values in batch.items()}


CHAINS: dict[str, Any] = {
    "plain": lambda ds: ds,
    "map": lambda ds: ds.map(double),
    "filter": lambda ds: ds.filter(odd),
    "batched map": lambda ds: ds.map(explode, batched=True, batch_size=7),
    "async map": lambda ds: ds.map(double_slowly),
    "shuffle": lambda ds: ds.shuffle(seed=1, buffer_size=60),
    "map, shuffle, batch": lambda ds: ds.map(double).shuffle(seed=1, buffer_size=40).batch(5),
    "shuffle, map, prefetch": lambda ds: ds.shuffle(seed=2, buffer_size=50).map(double).prefetch(2),
    "skip, take, repeat": lambda ds: ds.skip(9).take(100).repeat(3),
    "interleave": lambda ds: interleave(
        [ds, ds.shuffle(seed=2, buffer_size=9)],
        [0.3, 0.7],
        seed=5,
        stopping_strategy="all_exhausted",
    ),
    "concatenate": lambda ds: concatenate([ds.take(100), ds.skip(200)]),
    "all together": lambda ds: (
        interleave([ds.shuffle(seed=1, buffer_size=30), ds.map(double).remove_columns("b")])
        .shuffle(seed=4, buffer_size=20)
        .map(explode, batched=True, batch_size=6)
        .skip(3)
        .batch(4)
    ),
}


def run(order: dict[str, Any]) -> None:
    stream = CHAINS[order["chain"]](IterableDataset.from_parquet(order["files"]))
    if order["state"] is not None:
        stream.load_state_dict(order["state"])
    with open(order["out"], "ab", buffering=0) as out:
        for number, row in enumerate(stream, 1):
            out.write(json.dumps([row, stream.state_dict()]).encode() + b"\n")
            if number == order["rows"]:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run(json.loads(line))
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


if __name__ == "__main__":
    main()
