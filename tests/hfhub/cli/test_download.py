from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hfhub import settings

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any


def test_a_whole_repository_ends_in_a_folder(hfhub: Hfhub, hub: LocalHub) -> None:
    ran = hfhub("download", "datasets/ann/data")
    folder = Path(ran.out.strip())
    assert ran.code == 0
    assert folder.name == hub.sha("ann/data")
    assert (folder / "main/a.parquet").read_bytes() == b"a" * 1500


def test_named_files_are_printed_a_line_each(hfhub: Hfhub, hub: LocalHub) -> None:
    ran = hfhub("download", "ann/data", "README.md", "main/b.jsonl", "--type", "dataset")
    assert [Path(line).name for line in ran.lines] == ["README.md", "b.jsonl"]
    assert sorted(hub.downloads) == ["README.md", "main/b.jsonl"]


@pytest.mark.parametrize(
    "written", ["datasets/ann/data/main/b.jsonl", "hf://datasets/ann/data@v1/main/b.jsonl"]
)
def test_a_path_behind_the_name_is_a_file(written: str, hfhub: Hfhub, hub: LocalHub) -> None:
    assert Path(hfhub("download", written).out.strip()).read_text() == "{}"


def test_patterns_choose_files(hfhub: Hfhub, hub: LocalHub) -> None:
    hfhub("download", "datasets/ann/data", "--include", "main/*", "--exclude", "*.jsonl")
    assert hub.downloads == ["main/a.parquet"]


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--to", "x")], ids=["", "dry", "to"])
@pytest.mark.parametrize(
    "patterns",
    [("--include", "*.zzz"), ("--exclude", "*"), ("--include", "R*", "--exclude", "*E*")],
)
def test_patterns_that_choose_no_file_are_an_error(
    patterns: tuple[str, ...],
    more: tuple[str, ...],
    hfhub: Hfhub,
    hub: LocalHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = hfhub("download", "datasets/ann/data", *patterns, *more)
    assert (ran.code, ran.out) == (3, "")
    assert f"no file of datasets/ann/data@main matches {patterns[0]} {patterns[1]!r}" in ran.err
    assert "`hfhub ls -R datasets/ann/data`" in ran.err


def test_patterns_are_compared_offline_too(hfhub: Hfhub, hub: LocalHub) -> None:
    hfhub("download", "ann/net")
    words = ("download", "ann/net", "--offline", "--include")
    assert [hfhub(*words, pattern).code for pattern in ("*.json", "*.zzz")] == [0, 3]


def test_without_a_listing_the_files_at_hand_are_compared(hfhub: Hfhub, hub: LocalHub) -> None:
    hfhub("download", "ann/net")
    shutil.rmtree(settings.current().cache_dir / ".hfhub")
    words = ("download", "ann/net", "--offline", "--include")
    assert [hfhub(*words, pattern).code for pattern in ("*.json", "*.zzz")] == [0, 3]


def test_an_empty_repository_is_no_error(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/empty", {})
    assert hfhub("download", "datasets/ann/empty").code == 0


def test_a_name_is_no_pattern(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/odd", {"a[1].txt": "odd", "a1.txt": "other", "b.txt": "b"})
    ran = hfhub("download", "datasets/ann/odd", "a[1].txt", "b.txt")
    assert [Path(line).read_text() for line in ran.lines] == ["odd", "b"]
    assert sorted(hub.downloads) == ["a[1].txt", "b.txt"]


def test_plain_files_go_where_to_says(hfhub: Hfhub, hub: LocalHub, tmp_path: Path) -> None:
    hfhub("download", "ann/net", "--to", str(tmp_path / "net"))
    assert (tmp_path / "net" / "config.json").read_text() == "{}"


def test_the_second_time_nothing_is_fetched(hfhub: Hfhub, hub: LocalHub) -> None:
    hfhub("download", "ann/net")
    hub.clear_requests()
    assert hfhub("download", "ann/net", "--offline").code == 0
    assert hub.requests == []


def test_dry_run_says_what_would_be_fetched(hfhub: Hfhub, hub: LocalHub) -> None:
    ran = hfhub("download", "datasets/ann/data", "main/a.parquet", "--dry-run")
    assert ran.lines[1].split() == ["1.5", "kB", "fetch", "main/a.parquet"]
    assert ran.lines[-1] == "1 file, 1.5 kB to fetch"
    plan = hfhub("download", "datasets/ann/data", "--dry-run", "--json").json
    assert {file["path"]: file["size"] for file in plan}["main/a.parquet"] == 1500
    assert hub.downloads == []


def test_json_for_a_folder_and_for_files(hfhub: Hfhub, hub: LocalHub) -> None:
    whole = hfhub("download", "datasets/ann/data", "--json").json
    assert (whole["repo"], whole["type"]) == ("ann/data", "dataset")
    files = hfhub("download", "datasets/ann/data", "README.md", "--json").json["files"]
    assert files[0]["path"] == "README.md"
    assert Path(files[0]["local"]).is_file()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ann/nope",), 3, "no such repository, or it is private"),
        (("ann/net", "nope.txt"), 3, "`hfhub ls -R` lists them"),
        (("ann/net", "nope.txt", "config.json"), 3, "has no file 'nope.txt'; `hfhub ls ann/net`"),
        (("ann/net@nope",), 3, "no such branch, tag or commit"),
        (("a b/c",), 2, "alphanumeric"),
        (("ann/net", "config.json", "--include", "*"), 2, "not both"),
        (("datasets/ann/data", "--type", "model"), 2, "leave one out"),
        (("ann/net@v1", "--revision", "v2"), 2, "leave one out"),
        (("ann/net", "--workers", "0"), 2, "at least one"),
        (("ann/net", "--offline"), 5, "cache"),
        (("ann/net", "--token", "hf_wrong"), 4, "does not accept the token"),
        (("ann/net", "--endpoint", "http://127.0.0.1:9"), 5, "127.0.0.1:9"),
    ],
)
def test_failures_say_one_line_and_have_a_code(
    words: tuple[str, ...],
    code: int,
    said: str,
    hfhub: Hfhub,
    hub: LocalHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    from hfhub import settings

    settings.reload()
    ran = hfhub("download", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.startswith("hfhub: error: ")
    assert ran.err.count("\n") == 1


def test_a_gated_repository_is_denied(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/gated", {"g.txt": "g"}, gated=True)
    assert hfhub("download", "datasets/ann/gated", "g.txt").code == 4
    assert hfhub("download", "datasets/ann/gated", "g.txt", "--token", "hf_annannannann").code == 0


def test_wrong_bytes_have_a_code_of_their_own(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.faults.corrupt(path="config.json")
    assert hfhub("download", "ann/net", "config.json").code == 6


def test_a_failure_can_be_had_as_json(hfhub: Hfhub, hub: LocalHub) -> None:
    import json

    ran = hfhub("download", "ann/nope", "--json")
    error = json.loads(ran.err)["error"]
    assert (error["type"], error["exit_code"]) == ("RepositoryNotFoundError", 3)
