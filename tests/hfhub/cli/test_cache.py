from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any


@pytest.fixture(autouse=True)
def filled(hfhub: Hfhub, hub: LocalHub) -> None:
    """A dataset at two revisions, and a model."""
    hfhub("download", "datasets/ann/data")
    hub.add("ann/data", {"main/b.jsonl": "{}{}"})
    hfhub("download", "datasets/ann/data")
    hfhub("download", "ann/net")


def names(hfhub: Hfhub) -> list[str]:
    return [repo["id"] for repo in hfhub("cache", "ls", "--json").json["repos"]]


def test_ls(hfhub: Hfhub) -> None:
    lines = hfhub("cache", "ls").lines
    assert lines[1].split()[:3] == ["datasets/ann/data", "1.5", "kB"]
    assert lines[-1].startswith("2 entries, ")


def test_ls_of_revisions(hfhub: Hfhub, hub: LocalHub) -> None:
    lines = hfhub("cache", "ls", "--revisions", "--sort", "size").lines
    assert sum("datasets/ann/data" in line for line in lines) == 2
    assert any(hub.sha("ann/data") in line and "main" in line for line in lines)
    assert any("(detached)" in line for line in lines)


def test_ls_as_json(hfhub: Hfhub, hub: LocalHub) -> None:
    data = hfhub("cache", "ls", "--json").json["repos"][0]
    assert (data["id"], data["type"], data["pinned"]) == ("ann/data", "dataset", False)
    assert {revision["commit"] for revision in data["revisions"]} == {
        hub.sha("ann/data"),
        hub.sha("ann/data", "v1"),
    }


def test_ls_of_a_cache_that_is_not_there(hfhub: Hfhub, tmp_path: Path) -> None:
    assert hfhub("cache", "ls", "--cache-dir", str(tmp_path / "nope")).code == 3


def test_rm_of_a_repository(hfhub: Hfhub) -> None:
    ran = hfhub("cache", "rm", "datasets/ann/data", "--yes")
    assert ran.code == 0
    assert "all of datasets/ann/data" in ran.out
    assert names(hfhub) == ["ann/net"]


def test_rm_of_a_revision_or_a_hash(hfhub: Hfhub, hub: LocalHub) -> None:
    old = hub.sha("ann/data", "v1")
    assert hfhub("cache", "rm", old[:10], "--yes", "--json").json["commits"] == [old]
    new = hub.sha("ann/data")
    ran = hfhub("cache", "rm", "datasets/ann/data@main", "--dry-run", "--json")
    assert ran.json["commits"] == [new]
    assert "ann/data" in names(hfhub)


def test_rm_asks_first(hfhub: Hfhub) -> None:
    ran = hfhub("cache", "rm", "ann/net")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert "ann/net" in names(hfhub)


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("ann/data", 3, "did you mean datasets/ann/data?"),
        ("ann/nope", 3, "hfhub cache ls"),
        ("ann/net@nope", 3, "no cached revision"),
        ("0000000", 3, "no cached commit"),
        ("ann/net/config.json", 2, "single files"),
    ],
)
def test_rm_of_what_is_not_there(what: str, code: int, said: str, hfhub: Hfhub) -> None:
    ran = hfhub("cache", "rm", what, "--yes")
    assert ran.code == code
    assert said in ran.err


def test_prune_removes_detached_revisions(hfhub: Hfhub, hub: LocalHub) -> None:
    old = hub.sha("ann/data", "v1")
    dry = hfhub("cache", "prune", "--dry-run")
    assert f"detached revisions: {old}" in dry.lines
    assert dry.lines[-1].startswith("would free")
    assert hfhub("cache", "prune", "--json").json["detached_revisions"] == [old]
    assert hfhub("cache", "prune", "--json").json["detached_revisions"] == []


def test_verify_finds_damage_and_repairs_it(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("cache", "verify").code == 0
    local = Path(hfhub("download", "ann/net", "config.json").out.strip())
    local.resolve().write_bytes(b"XX")
    ran = hfhub("cache", "verify", "ann/net")
    assert ran.code == 6
    assert ran.lines[0].startswith("damaged: ann/net@")
    assert hfhub("cache", "verify", "--json").json["clean"] is False
    assert hfhub("cache", "verify", "--repair").code == 0
    assert local.read_bytes() == b"{}"


def test_pins(hfhub: Hfhub) -> None:
    assert hfhub("cache", "pin", "datasets/ann/data@main").out == "pinned datasets/ann/data@main\n"
    assert hfhub("cache", "pin", "ann/net", "--json").json == {"pinned": True}
    assert hfhub("cache", "pins").lines == ["datasets/ann/data@main", "models/ann/net"]
    assert hfhub("cache", "pins", "--json").json[0]["revision"] == "main"
    assert "pinned" in hfhub("cache", "ls").lines[1]
    assert hfhub("cache", "unpin", "ann/net").code == 0
    assert hfhub("cache", "unpin", "ann/net").code == 3


def test_du(hfhub: Hfhub) -> None:
    assert "limit:" in hfhub("cache", "du").out
    assert hfhub("cache", "du", "--json").json["ours"] > 1500


def test_trim(hfhub: Hfhub) -> None:
    assert hfhub("cache", "trim", "0B", "--json").json["freed"] > 1500
    assert hfhub("cache", "trim", "lots").code == 2
