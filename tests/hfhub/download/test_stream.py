from __future__ import annotations

import random

import pytest

from hfhub.download.stream import FileStream, stream_file
from hfhub.errors import IntegrityError

REPO = "owner/name"
TEXT = "".join(f'{{"n": {n}, "x": "{"ä" * (n % 60)}"}}\n' for n in range(40_000))
DATA = TEXT.encode()


@pytest.fixture(params=["regular", "lfs"])
def hub(request, local_hub):
    local_hub.add(REPO, {"a.jsonl": TEXT}, lfs=["*"] if request.param == "lfs" else [])
    return local_hub


def stream(name: str = "a.jsonl", start: int = 0) -> FileStream:
    return stream_file(REPO, name, repo_type="dataset", start=start)


def test_chunks_give_the_file_with_two_requests_at_most(hub):
    assert b"".join(stream()) == DATA
    assert hub.count() <= 2


def test_lines_come_without_their_ends(hub):
    assert list(stream().lines()) == DATA.split(b"\n")[:-1]
    assert list(stream().text_lines()) == TEXT.splitlines()


@pytest.mark.parametrize("text", ["", "a", "a\n", "\n", "a\r\nb", "\n\n a"])
def test_ends_of_lines_are_found_in_any_place(local_hub, text):
    local_hub.add(REPO, {"b.txt": text})
    expected = text.removesuffix("\n").replace("\r", "").split("\n") if text else []
    assert list(stream("b.txt").text_lines()) == expected


def test_a_stream_goes_on_at_an_earlier_ones_position(hub):
    with stream() as first:
        lines = first.lines()
        head = [next(lines) for _ in range(12_345)]
        place = first.position
    tail = list(stream(start=place).lines())
    assert head + tail == DATA.split(b"\n")[:-1]


def test_breaks_anywhere_are_resumed_at_the_byte(local_hub):
    local_hub.add(REPO, {"a.jsonl": TEXT}, lfs=["*"])
    local_hub.faults.seed = 3
    local_hub.faults.clear()
    local_hub.faults.cut(origin="cdn", times=10)
    assert b"".join(stream()) == DATA
    assert sum(seen.nbytes for seen in local_hub.requests if seen.file) == len(DATA)


def test_a_wrong_byte_is_an_error_at_the_end(hub):
    hub.faults.corrupt(at=random.Random(1).randrange(len(DATA)), method="GET")
    with pytest.raises(IntegrityError):
        list(stream())
