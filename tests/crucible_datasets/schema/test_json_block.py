"""What pyarrow must not read."""

from __future__ import annotations

import pytest

from crucible_datasets.schema.json_block import DEEP, nests_deeply, read_block


@pytest.mark.parametrize("begin", ["[", '{"x":', "[1,", '[ "a" ,\t'])
def test_a_deep_line_is_seen_between_flat_ones(begin: str) -> None:
    end = "]" if begin[0] == "[" else "}"
    flat = b'{"a": [1, 2], "b": {"c": []}}\n' * 500
    deep = (begin * DEEP + "1" + end * DEEP).encode()
    assert nests_deeply(flat + deep + b"\n" + flat)
    assert nests_deeply(deep)


def test_flat_lines_are_not_deep_however_many_brackets_their_texts_hold() -> None:
    assert not nests_deeply(b'{"a": "an interval [0, 1)"}\n' * 5000)
    assert not nests_deeply(b'{"a": [[[[1]]]]}\n' * 5000)
    assert not nests_deeply(b"")


@pytest.mark.parametrize("before", ["", " \t", "\n\r\n"])
@pytest.mark.parametrize("after", ["", "\n", '\n{"a": 1}\n'])
def test_a_first_row_that_is_null_does_not_end_the_process(before: str, after: str) -> None:
    assert read_block(f"{before}null{after}".encode()) is None
