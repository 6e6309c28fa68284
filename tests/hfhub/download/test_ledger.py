from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfhub.digest import Digest
from hfhub.download.ledger import Ledger, storable_etag

DIGEST = Digest("sha256", "ab" * 32)
OTHER = Digest("git-sha1", "cd" * 20)


@pytest.fixture
def fd(tmp_path: Path):
    number = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield number
    os.close(number)


@given(st.data())
def test_what_is_written_is_read_again(tmp_path_factory, data):
    size = data.draw(st.integers(1, 10_000))
    part_size = data.draw(st.integers(1, 4_000))
    ledger = Ledger(DIGEST, size, part_size, '"etag"')
    ledger.done = [data.draw(st.integers(0, ledger.length(n))) for n in range(len(ledger.done))]
    path = tmp_path_factory.mktemp("ledger") / "file"
    number = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        ledger.write(number)
        assert Ledger.read(number, DIGEST, size) == ledger
        assert Ledger.read(number, OTHER, size) is None
        assert Ledger.read(number, DIGEST, size + 1) is None
    finally:
        os.close(number)


@given(st.integers(1, 100_000), st.integers(1, 4_000))
def test_parts_cover_the_file_once(size, part_size):
    ledger = Ledger(DIGEST, size, part_size)
    place = 0
    for part in range(len(ledger.done)):
        assert ledger.start(part) == place
        assert 0 < ledger.length(part) <= part_size
        place += ledger.length(part)
    assert place == size


def test_a_count_is_recorded_by_itself(fd):
    ledger = Ledger(DIGEST, 1000, 300)
    ledger.write(fd)
    ledger.done[2] = 17
    ledger.record(fd, 2)
    again = Ledger.read(fd, DIGEST, 1000)
    assert again is not None
    assert again.done == [0, 0, 17, 0]
    assert again.present == 17


def test_a_file_of_the_right_size_without_a_state_has_all_its_bytes(fd):
    os.ftruncate(fd, 1000)
    ledger = Ledger.read(fd, DIGEST, 1000)
    assert ledger is not None
    assert ledger.present == 1000


@given(st.binary(max_size=600))
def test_garbage_is_no_state(tmp_path_factory, garbage):
    path = tmp_path_factory.mktemp("garbage") / "file"
    path.write_bytes(bytes(100) + garbage)
    number = os.open(path, os.O_RDWR)
    try:
        ledger = Ledger.read(number, DIGEST, 100)
        assert ledger is None or not garbage
    finally:
        os.close(number)


def test_counts_beyond_a_part_are_no_state(fd):
    ledger = Ledger(DIGEST, 1000, 300)
    ledger.done[3] = 101
    ledger.write(fd)
    assert Ledger.read(fd, DIGEST, 1000) is None


@pytest.mark.parametrize(
    ("etag", "kept"),
    [
        ('"a"', '"a"'),
        ('W/"a"', ""),
        ("a", ""),
        (None, ""),
        ('"ä"', ""),
        ('"' + "x" * 200 + '"', ""),
    ],
)
def test_only_strong_etags_validate_ranges(etag, kept):
    assert storable_etag(etag) == kept
