"""The main job on a Hub inside this process: no network, nothing left behind."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.resources import as_file, files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_datasets import settings as own_settings
from crucible_datasets.cli import show
from crucible_datasets.errors import SchemaError
from crucible_datasets.load import load_dataset
from crucible_datasets.schema import Features, Value
from hfhub import settings
from hfhub.http import RequestLog, observe
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPOSITORY = "openai/gsm8k"
_BROKEN = "demo/broken"
_BROKEN_LINES = (
    '{"question": "1 + 1?", "answer": 2}\n'
    '{"question": "2 + 2?", "answer": 4}\n'
    '{"question": "3 + 3?", "answer": "six"}\n'
)


def run(*, as_json: bool) -> None:
    """Load, load again, pin, stream, and break; say what each cost."""
    with _examples() as examples, _hub(examples) as hub:
        commit = hub.sha(_REPOSITORY)
        steps = _Steps(as_json=as_json)
        with steps.step("cold load", "nothing is cached yet") as facts:
            loaded = load_dataset(_REPOSITORY, "main")
            facts |= {name: f"{split.num_rows} rows" for name, split in loaded.items()}
            facts["schema"] = {name: str(kind) for name, kind in loaded["train"].features.items()}
            facts["file"] = str(loaded["train"].table.files[0].local())
            facts["first question"] = show.shorten(loaded["train"][0]["question"])
        with steps.step("warm load", "one request asks whether main has moved") as facts:
            facts["rows"] = load_dataset(_REPOSITORY, "main", split="train").num_rows
        with steps.step("pinned load", f"revision={commit[:12]}…: no request at all") as facts:
            pinned = load_dataset(_REPOSITORY, "main", split="train", revision=commit)
            facts["rows"] = pinned.num_rows
        with steps.step("stream", "shuffled; rows come as they are read") as facts:
            stream = load_dataset(
                _REPOSITORY, "main", split="train", revision=commit, streaming=True
            ).shuffle(seed=0, buffer_size=64)
            facts["questions"] = [show.shorten(row["question"]) for row in islice(stream, 2)]
        with steps.step("broken row", "the error says where, and what to do") as facts:
            facts["error"] = _break(hub)


def _break(hub: LocalHub) -> str:
    """The text of the error for a row that does not fit its schema."""
    hub.add(_BROKEN, {"train.jsonl": _BROKEN_LINES})
    features = Features({"question": Value("string"), "answer": Value("int64")})
    try:
        load_dataset(_BROKEN, split="train", features=features).to_list()
    except SchemaError as error:
        return str(error)
    raise AssertionError("a word where a number must stand was taken")


@contextmanager
def _examples() -> Iterator[Path]:
    with as_file(files("crucible_datasets") / "examples") as folder:
        yield folder


@contextmanager
def _hub(examples: Path) -> Iterator[LocalHub]:
    """A Hub over ``examples`` with an empty cache; this process talks to no other meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="crucible-demo-") as home,
        LocalHub(examples) as hub,
    ):
        before = dict(os.environ)
        # In the environment, so that worker processes see it too.
        os.environ.update(hub.env(Path(home)))
        settings.reload()
        own_settings.reload()
        try:
            yield hub
        finally:
            os.environ.clear()
            os.environ.update(before)
            settings.reload()
            own_settings.reload()


class _Steps:
    """Times each step, counts its requests, and prints what it found."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    @contextmanager
    def step(self, title: str, what: str) -> Iterator[dict[str, Any]]:
        facts: dict[str, Any] = {}
        requests = RequestLog()
        started = time.perf_counter()
        with observe(requests):
            yield facts
        seconds = time.perf_counter() - started
        if self._as_json:
            print(
                json.dumps({"step": title, "seconds": seconds, "requests": requests.count} | facts)
            )
            return
        print(f"\n{title}: {what}")
        for name, value in facts.items():
            for number, line in enumerate(_lines(value)):
                print(f"  {name if not number else '':<15} {line}")
        counted = "1 request" if requests.count == 1 else f"{requests.count} requests"
        print(f"  {'cost':<15} {seconds:.2f} s, {counted}")
        sys.stdout.flush()


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}: {kind}" for name, kind in value.items()]
    return value if isinstance(value, list) else str(value).splitlines()
