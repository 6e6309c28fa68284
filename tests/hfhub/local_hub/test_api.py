from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Ask = Any
CARD = "---\nlicense: mit\nlanguage: [en, de]\ntags: [math]\ndate: 2024-05-06\n---\n# Hi\n"


def test_info_names_the_commit_the_card_and_the_files(local_hub: LocalHub, ask: Ask) -> None:
    sha = local_hub.add("owner/name", {"README.md": CARD, "in/a.txt": "a"})
    facts = ask("/api/datasets/owner/name").json
    assert facts["sha"] == sha
    assert facts["cardData"]["license"] == "mit"
    assert facts["siblings"] == [{"rfilename": "README.md"}, {"rfilename": "in/a.txt"}]
    assert facts["tags"] == ["math", "language:en", "language:de", "license:mit", "region:us"]
    assert (facts["private"], facts["gated"], facts["disabled"]) == (False, False, False)


def test_info_with_blobs_tells_sizes_and_digests(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "{}", "b.bin": b"12345"})
    text, binary = ask("/api/datasets/owner/name?blobs=True").json["siblings"]
    assert text == {
        "rfilename": "a.txt",
        "size": 2,
        "blobId": "9e26dfeeb6e641a33dae4961196235bdb965b21b",
    }
    assert binary["lfs"]["size"] == 5
    assert binary["lfs"]["pointerSize"] == 126


def test_expand_picks_fields(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    facts = ask("/api/datasets/owner/name?expand=tags&expand[]=sha").json
    assert facts.keys() == {"_id", "id", "tags", "sha"}


def test_info_at_a_revision(local_hub: LocalHub, ask: Ask) -> None:
    first = local_hub.add("owner/name", {"a.txt": "a"})
    local_hub.add("owner/name", {"b.txt": "b"})
    facts = ask(f"/api/datasets/owner/name/revision/{first}").json
    assert [file["rfilename"] for file in facts["siblings"]] == ["a.txt"]


@pytest.mark.parametrize("card", ["---\na: [\n---\n", "---\nno end", "# none", "---\n- a\n---\n"])
def test_a_broken_card_is_left_out(card: str, local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"README.md": card})
    assert "cardData" not in ask("/api/datasets/owner/name").json


def test_a_tree_goes_one_folder_deep(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a", "in/b.txt": "b", "in/deep/c.txt": "c"})
    rows = ask("/api/datasets/owner/name/tree/main").json
    assert [(row["type"], row["path"]) for row in rows] == [("file", "a.txt"), ("directory", "in")]
    inside = ask("/api/datasets/owner/name/tree/main/in%2Fdeep").json
    assert [row["path"] for row in inside] == ["in/deep/c.txt"]


def test_a_recursive_tree_holds_folders_too(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"in/b.txt": "b", "in/deep/c.txt": "c"})
    rows = ask("/api/datasets/owner/name/tree/main?recursive=True").json
    assert [row["path"] for row in rows] == ["in", "in/b.txt", "in/deep", "in/deep/c.txt"]


def test_an_lfs_row_has_the_pointer_s_id_and_the_content_s_digest(
    local_hub: LocalHub, ask: Ask
) -> None:
    local_hub.add("owner/name", {"b.bin": b"12345"})
    (row,) = ask("/api/datasets/owner/name/tree/main").json
    assert len(row["oid"]) == 40
    assert len(row["lfs"]["oid"]) == 64
    assert (row["size"], row["lfs"]["size"]) == (5, 5)


@pytest.mark.parametrize(("expand", "size"), [("False", 1000), ("True", 50)])
def test_a_long_tree_comes_in_pages(expand: str, size: int, local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {f"{i:04}.txt": "" for i in range(2 * size + 1)})
    url = f"/api/datasets/owner/name/tree/main?recursive=True&expand={expand}"
    sizes, names = [], []
    while url:
        got = ask(url)
        sizes.append(len(got.json))
        names += [row["path"] for row in got.json]
        url = got.next
    assert sizes == [size, size, 1]
    assert names == sorted(set(names))
    assert len(names) == 2 * size + 1


def test_a_tree_of_exactly_a_page_has_no_next(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {f"{i:04}.txt": "" for i in range(1000)})
    assert ask("/api/datasets/owner/name/tree/main").next is None


def test_a_made_up_cursor_is_refused(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    assert ask("/api/datasets/owner/name/tree/main?cursor=zzz").status == 400


def test_a_folder_that_is_not_there(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    got = ask("/api/datasets/owner/name/tree/main/nope")
    assert (got.status, got.headers["X-Error-Code"]) == (404, "EntryNotFound")


def test_expanded_rows_tell_the_last_commit(local_hub: LocalHub, ask: Ask) -> None:
    first = local_hub.add("owner/name", {"a.txt": "a", "in/b.txt": "b"}, message="First")
    local_hub.add("owner/name", {"a.txt": "changed"}, message="Second")
    row, folder = ask("/api/datasets/owner/name/tree/main?expand=true").json
    assert row["lastCommit"]["title"] == "Second"
    assert folder["lastCommit"]["id"] == first
    assert row["securityFileStatus"]["status"] == "safe"


@pytest.mark.parametrize("form", ["urlencoded", "json"])
def test_paths_info_leaves_out_what_is_missing(form: str, local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"in/a.txt": "a"})
    wanted = ["in", "in/a.txt", "nope"]
    if form == "json":
        body, kind = json.dumps({"paths": wanted, "expand": False}), "application/json"
    else:
        body = urlencode([("paths", path) for path in wanted] + [("expand", "False")])
        kind = "application/x-www-form-urlencoded"
    url = "/api/datasets/owner/name/paths-info/main"
    rows = ask(url, "POST", body.encode(), Content_Type=kind).json
    assert [row["path"] for row in rows] == ["in", "in/a.txt"]


def test_refs_by_kind(local_hub: LocalHub, ask: Ask) -> None:
    sha = local_hub.add("owner/name", {"a.txt": "a"})
    local_hub.tag("owner/name", "v1")
    local_hub.branch("owner/name", "dev")
    local_hub.add("owner/name", {"p.parquet": b"p"}, branch="refs/convert/parquet")
    local_hub.branch("owner/name", "refs/pr/1")
    groups = ask("/api/datasets/owner/name/refs?include_prs=1").json
    assert {name: [ref["ref"] for ref in refs] for name, refs in groups.items()} == {
        "branches": ["refs/heads/dev", "refs/heads/main"],
        "converts": ["refs/convert/parquet"],
        "tags": ["refs/tags/v1"],
        "pullRequests": ["refs/pr/1"],
    }
    assert groups["tags"][0] == {"name": "v1", "ref": "refs/tags/v1", "targetCommit": sha}


def test_commits_come_newest_first_and_in_pages(local_hub: LocalHub, ask: Ask) -> None:
    for i in range(60):
        local_hub.add("owner/name", {"a.txt": str(i)}, message=f"Number {i}\n\nbody <b>")
    first = ask("/api/datasets/owner/name/commits/main?expand[]=formatted")
    assert [c["title"] for c in first.json][:2] == ["Number 59", "Number 58"]
    assert first.json[0]["formatted"]["message"] == "body &lt;b&gt;"
    assert len(first.json) + len(ask(first.next).json) == 60


def test_listing_filters_sorts_and_pages(local_hub: LocalHub, ask: Ask) -> None:
    for i, name in enumerate(["ann/math", "ann/code", "bob/math-2"]):
        local_hub.add(name, {"README.md": f"---\nlanguage: {'en' if i else 'de'}\n---\n"})
        local_hub.repository(name).likes = i
    local_hub.add("ann/net", {"config.json": "{}"}, repo_type="model")

    def ids(query: str) -> list[str]:
        return [facts["id"] for facts in ask(f"/api/datasets?{query}").json]

    assert ids("") == ["ann/code", "ann/math", "bob/math-2"]
    assert ids("search=MATH") == ["ann/math", "bob/math-2"]
    assert ids("author=ann") == ["ann/code", "ann/math"]
    assert ids("filter=language:de") == ["ann/math"]
    assert ids("sort=likes") == ["bob/math-2", "ann/code", "ann/math"]
    first = ask("/api/datasets?limit=2")
    assert [facts["id"] for facts in ask(first.next).json] == ["bob/math-2"]


def test_parquet_copies(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.csv": "a"})
    assert ask("/api/datasets/owner/name/parquet").status == 404
    files = {f"main/train/000{i}.parquet": f"copy {i}".encode() for i in range(2)}
    local_hub.add("owner/name", files, branch="refs/convert/parquet")
    urls = ask("/api/datasets/owner/name/parquet").json["main"]["train"]
    assert ask("/api/datasets/owner/name/parquet/main/train").json == urls
    assert ask(ask(ask(urls[1]).location).location).body == b"copy 1"


def test_parquet_copies_in_the_viewer_s_words(local_hub: LocalHub, ask: Ask) -> None:
    sha = local_hub.add("owner/name", {"a.csv": "a"})
    copy = {"main/train/0000.parquet": b"copy"}
    local_hub.add("owner/name", copy, branch="refs/convert/parquet")
    got = ask("/parquet?dataset=owner/name")
    (file,) = got.json["parquet_files"]
    assert (file["config"], file["split"], file["size"]) == ("main", "train", 4)
    assert got.headers["X-Revision"] == sha
    assert ask(ask(file["url"]).location).body == b"copy"


def test_old_names_and_wrong_letter_case_are_sent_on(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/old", {"a.txt": "a"})
    local_hub.rename("owner/old", "owner/New")
    for name in ("old", "NEW"):
        got = ask(f"/api/datasets/owner/{name}/tree/main?recursive=True")
        assert got.status == 307
        assert got.location == "/api/datasets/owner/New/tree/main?recursive=True"


def test_a_repository_without_an_owner(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("squad", {"a.txt": "a"})
    assert ask("/api/datasets/squad").json["id"] == "squad"
    assert ask("/api/datasets/squad/tree/main").json[0]["path"] == "a.txt"
    assert ask(ask("/datasets/squad/resolve/main/a.txt").location).body == b"a"


def test_what_an_error_quotes_cannot_become_a_header(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    got = ask("/api/datasets/owner/name/revision/x%0D%0ASet-Cookie:%20a=b")
    assert got.status == 404
    assert "Set-Cookie" not in got.headers
    assert got.headers["X-Error-Message"] == "Invalid rev id: x  Set-Cookie: a=b"


def test_a_quoted_slash_in_a_name_is_no_separator(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    assert ask("/api/datasets/owner%2Fname").status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/datasets/owner/name", 405),
        ("GET", "/api/datasets/owner/name/paths-info/main", 405),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/datasets/owner/name/nothing", 404),
        ("GET", "/datasets/owner/name", 404),
        ("GET", "/api/datasets/owner/name/revision/nope", 404),
        ("GET", "/", 200),
    ],
)
def test_what_there_is_not(
    method: str, path: str, status: int, local_hub: LocalHub, ask: Ask
) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    got = ask(path, method)
    assert got.status == status
    assert got.headers["X-Request-Id"]
