from __future__ import annotations

from typing import Any

import pytest

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import Features, Value


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("a\nb\n", {}, ["a", "b"]),
        ("a\r\nb\rc", {}, ["a", "b", "c"]),
        ("a\n\nb", {}, ["a", "", "b"]),
        ("a\nb", {"keep_linebreaks": True}, ["a\n", "b"]),
        ("a\nb\n\nc\n\n\nd\n", {"sample_by": "paragraph"}, ["a\nb", "c", "\nd\n"]),
        ("a\nb\n", {"sample_by": "document"}, ["a\nb\n"]),
        ("\x1ca\u2028b\n", {}, ["\x1ca\u2028b"]),
    ],
)
def test_text_becomes_rows(put: Any, scan: Any, text: str, options: Any, rows: Any) -> None:
    found = scan("text", put("a.txt", text), **options)
    assert found.read().column("text").to_pylist() == rows


def test_the_column_may_have_another_name_and_type(put: Any, scan: Any) -> None:
    found = scan("text", put("a.txt", "1\n2\n"), features=Features({"n": Value("int64")}))
    assert found.read().to_pylist() == [{"n": 1}, {"n": 2}]


def test_bytes_that_are_no_text_are_an_error_that_names_the_file(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match=r"a\.txt.*0xff"):
        scan("text", put("a.txt", b"\xff")).read()


def test_an_unknown_way_of_sampling_is_refused(put: Any, scan: Any) -> None:
    with pytest.raises(ValueError, match="sample_by"):
        scan("text", put("a.txt", ""), sample_by="word")
