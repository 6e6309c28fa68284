from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hfhub.cache.size import format_size, parse_limit


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("123", 123),
        ("50GB", 50_000_000_000),
        ("50 gb", 50_000_000_000),
        ("20GiB", 20 << 30),
        ("1.5K", 1500),
        (" 2 TiB ", 2 << 40),
        ("1P", 10**15),
        ("7B", 7),
    ],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_limit(text, "/") == size


def test_a_share_is_of_the_disk_that_the_cache_is_on_or_will_be(tmp_path: Path) -> None:
    half = shutil.disk_usage(tmp_path).total // 2

    assert parse_limit("50%", str(tmp_path / "not" / "there")) == half


@pytest.mark.parametrize("text", ["", "GB", "-1", "1.2.3", "5 XB", "101%", "%", "1e3", "5 iB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"size|disk"):
        parse_limit(text, "/")


def test_sizes_are_printed_as_the_official_client_does() -> None:
    assert [format_size(n) for n in (0, 999, 1000, 42_200, 10**12)] == [
        "0.0",
        "999.0",
        "1.0K",
        "42.2K",
        "1.0T",
    ]
