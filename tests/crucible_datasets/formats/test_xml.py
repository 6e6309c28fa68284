from __future__ import annotations

from typing import Any


def test_a_file_is_a_row_with_its_text_as_it_is(put: Any, scan: Any) -> None:
    text = '<!DOCTYPE x [<!ENTITY a "b">]>\n<x>&a;</x>\n'
    found = scan("xml", put("a.xml", text), put("b.xml", "<y/>"))
    assert found.num_rows() == 2
    assert found.read().to_pylist() == [{"xml": text}, {"xml": "<y/>"}]
