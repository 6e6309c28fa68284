from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any


def test_what_people_want_to_know(hfhub: Hfhub, hub: LocalHub) -> None:
    ran = hfhub("info", "datasets/ann/data")
    told = {line.split(":")[0]: line.partition(":")[2].strip() for line in ran.lines}
    assert told["commit"] == hub.sha("ann/data")
    assert (told["files"], told["bytes"], told["license"]) == ("3", "1.5 kB", "mit")
    assert (told["branches"], told["versions"]) == ("main", "v1")
    assert "private" not in told


def test_json_has_all_files(hfhub: Hfhub, hub: LocalHub) -> None:
    facts = hfhub("info", "datasets/ann/data@v1", "--json").json
    assert facts["siblings"][1] == {"path": "main/a.parquet", "size": 1500}
    assert facts["card"]["tags"] == ["math"]


def test_a_repository_that_is_not_there(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("info", "ann/nope").code == 3
