from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hfhub.local_hub import LocalHub, folder

if TYPE_CHECKING:
    from pathlib import Path

Ask = Any


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A dataset with a second branch, an old-style model without an owner, and a private space."""
    files = {
        "datasets/owner/name/README.md": "# Hi",
        "datasets/owner/name/in/a.parquet": "PAR1",
        "datasets/owner/name/.gitattributes": "*.parquet filter=lfs",
        "datasets/owner/name/.git/HEAD": "not served",
        "datasets/owner/name/.hub/revisions/refs%2Fconvert%2Fparquet/d/train/0000.parquet": "copy",
        "models/bert/config.json": "{}",
        "spaces/owner/app/app.py": "print()",
        "spaces/owner/app/.hub/settings.json": json.dumps({"private": True, "readers": ["bob"]}),
    }
    for path, text in files.items():
        (tmp_path / "root" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / path).write_text(text)
    return tmp_path / "root"


def names(ask: Ask, hub: LocalHub, path: str = "/api/datasets/owner/name") -> list[str]:
    return [file["rfilename"] for file in ask(hub.endpoint + path).json["siblings"]]


def test_any_folder_of_files_is_a_repository(root: Path, ask: Ask) -> None:
    with LocalHub(root) as hub:
        assert names(ask, hub) == [".gitattributes", "README.md", "in/a.parquet"]
        link = ask(f"{hub.endpoint}/datasets/owner/name/resolve/main/in/a.parquet").location
        assert ask(link).body == b"PAR1"


def test_a_folder_of_files_right_below_the_kind_has_no_owner(root: Path, ask: Ask) -> None:
    with LocalHub(root) as hub:
        assert names(ask, hub, "/api/models/bert") == ["config.json"]
        assert [facts["id"] for facts in ask(f"{hub.endpoint}/api/models").json] == ["bert"]


def test_a_folder_below_revisions_is_a_branch(root: Path, ask: Ask) -> None:
    with LocalHub(root) as hub:
        path = "/api/datasets/owner/name/revision/refs%2Fconvert%2Fparquet"
        assert names(ask, hub, path) == ["d/train/0000.parquet"]


def test_settings_make_a_repository_private(root: Path, ask: Ask) -> None:
    with LocalHub(root, tokens={"hf_bob": "bob", "hf_eve": "eve"}) as hub:
        url = f"{hub.endpoint}/api/spaces/owner/app"
        assert ask(url, Authorization="Bearer hf_bob").status == 200
        assert ask(url, Authorization="Bearer hf_eve").status == 404


def test_settings_with_a_typing_error_are_named(root: Path) -> None:
    (root / "spaces/owner/app/.hub/settings.json").write_text('{"privat": true}')
    with LocalHub(root) as hub, pytest.raises(ValueError, match=r"settings\.json: expected"):
        hub.repository("owner/app", repo_type="space")


@pytest.mark.parametrize("path", ["../models/bert", "..", ".hub", "owner", "owner/nope"])
def test_what_is_no_repository_is_not_found(path: str, root: Path, ask: Ask) -> None:
    with LocalHub(root) as hub:
        assert ask(f"{hub.endpoint}/api/datasets/{path.replace('..', '%2E%2E')}").status == 401


def test_the_same_files_give_the_same_commit(root: Path) -> None:
    with LocalHub(root) as one, LocalHub(root) as two:
        assert one.sha("owner/name") == two.sha("owner/name")


def test_a_changed_folder_is_a_new_commit(
    root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_LOOK_AGAIN", 0.0)
    with LocalHub(root) as hub:
        old = hub.sha("owner/name")
        (root / "datasets/owner/name/README.md").write_text("# Changed")
        new = hub.sha("owner/name")
        assert new != old
        assert hub.repository("owner/name").commits[new].parent is not None
        path = f"{hub.endpoint}/datasets/owner/name/resolve/{new}/README.md"
        assert ask(hub.endpoint + ask(path).location).body == b"# Changed"


def test_bytes_that_are_gone_are_not_replaced_by_others(
    root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_LOOK_AGAIN", 0.0)
    with LocalHub(root, redirect_regular=False) as hub:
        old = hub.sha("owner/name")
        (root / "datasets/owner/name/README.md").write_text("# Changed")
        got = ask(f"{hub.endpoint}/datasets/owner/name/resolve/{old}/README.md")
        assert (got.status, got.headers["X-Error-Code"]) == (404, "EntryNotFound")


def test_digests_are_remembered_over_a_restart(
    root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_WORTH_KEEPING", 1)
    with LocalHub(root) as hub:
        sha = hub.sha("owner/name")
    assert (root / ".hub/digests.json").is_file()

    def never(*_: object) -> None:
        raise AssertionError("a file was hashed again")

    monkeypatch.setattr(folder, "entry_of", never)
    with LocalHub(root) as hub:
        assert hub.sha("owner/name") == sha


def test_a_link_to_a_folder_is_not_followed(root: Path, ask: Ask) -> None:
    (root / "datasets/owner/name/in/circle").symlink_to(root / "datasets/owner/name")
    with LocalHub(root) as hub:
        assert names(ask, hub) == [".gitattributes", "README.md", "in/a.parquet"]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that looks like an owner's, beside the one that is served."""
    place = tmp_path / "root-and-more"  # a name that begins like the served one
    (place / "data").mkdir(parents=True)
    (place / "data/secret.txt").write_text("secret")
    return place


@pytest.mark.parametrize("relative", [False, True])
def test_a_link_to_a_file_outside_is_not_found_and_told_once(
    relative: bool,
    root: Path,
    outside: Path,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folder, "_LOOK_AGAIN", 0.0)
    way_up = "../../../../root-and-more" if relative else outside
    (root / "datasets/owner/name/out.txt").symlink_to(f"{way_up}/data/secret.txt")
    with LocalHub(root) as hub:
        for _ in range(2):
            assert "out.txt" not in names(ask, hub)
            got = ask(f"{hub.endpoint}/datasets/owner/name/resolve/main/out.txt")
            assert (got.status, got.headers["X-Error-Code"]) == (404, "EntryNotFound")
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "owner/name/out.txt is not served: it leads to" in told[0]


def test_a_link_to_a_file_inside_is_served(root: Path, ask: Ask) -> None:
    (root / "datasets/owner/name/config.json").symlink_to("../../../models/bert/config.json")
    with LocalHub(root, redirect_regular=False) as hub:
        got = ask(f"{hub.endpoint}/datasets/owner/name/resolve/main/config.json")
        assert got.body == b"{}"


@pytest.mark.parametrize(
    ("link", "target", "repo"),
    [
        ("datasets/eve", "", "eve/data"),
        ("datasets/owner/more", "data", "owner/more"),
        ("datasets/alone", "data", "alone"),
    ],
    ids=["owner", "repository", "repository without owner"],
)
def test_a_repository_that_leads_outside_is_not_there(
    link: str, target: str, repo: str, root: Path, outside: Path, ask: Ask
) -> None:
    (root / link).symlink_to(outside / target)
    with LocalHub(root) as hub:
        assert ask(f"{hub.endpoint}/api/datasets/{repo}").status == 401
        assert ask(f"{hub.endpoint}/datasets/{repo}/resolve/main/secret.txt").status == 401
        assert [found["id"] for found in ask(f"{hub.endpoint}/api/datasets").json] == ["owner/name"]


def test_a_branch_that_leads_outside_is_not_there(root: Path, outside: Path, ask: Ask) -> None:
    (root / "datasets/owner/name/.hub/revisions/out").symlink_to(outside / "data")
    with LocalHub(root) as hub:
        assert ask(f"{hub.endpoint}/api/datasets/owner/name/revision/out").status == 404


def test_a_served_folder_may_itself_be_a_link(root: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "alias").symlink_to(root)
    (root / "datasets/owner/same").symlink_to(root / "datasets/owner/name")
    with LocalHub(tmp_path / "alias") as hub:
        assert names(ask, hub) == names(ask, hub, "/api/datasets/owner/same")


def test_small_folders_are_left_as_they_are(root: Path) -> None:
    with LocalHub(root) as hub:
        hub.sha("owner/name")
    assert not (root / ".hub").exists()


def test_a_folder_that_cannot_be_written_is_served(
    root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_WORTH_KEEPING", 1)
    (root / ".hub").write_text("in the way of digests.json")
    with LocalHub(root) as hub:
        assert len(names(ask, hub)) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_on_disk_is_told_to_the_caller(root: Path, ask: Ask) -> None:
    (root / "datasets/owner/name/.hub/settings.json").write_text("{")
    with LocalHub(root) as hub:
        got = ask(f"{hub.endpoint}/api/datasets/owner/name")
    assert got.status == 500
    assert b"settings.json is not JSON" in got.body
