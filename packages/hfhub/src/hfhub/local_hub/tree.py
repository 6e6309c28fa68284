"""``/tree`` and ``/paths-info``: which files and folders a commit holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.local_hub import refusals
from hfhub.local_hub.answer import Answer, to_json
from hfhub.local_hub.paging import page

if TYPE_CHECKING:
    from hfhub.local_hub.repository import Commit
    from hfhub.local_hub.site import Site, Visit

PAGE = 1000
EXPANDED_PAGE = 50
_MAX_PATHS = 1000


def tree(site: Site, visit: Visit) -> Answer:
    """A folder's files and folders, with those below if ``recursive``, in pages."""
    call = visit.call
    commit, folder = visit.revision_at(1)
    if folder not in commit.folders:
        raise refusals.no_entry(folder, commit.sha)
    recursive = call.flag("recursive")
    if not call.flag("expand"):
        return page(site, call, commit.listing(folder, recursive=recursive), PAGE)
    paths = list(commit.paths(folder, recursive=recursive))
    return page(site, call, _LazyRows(commit, paths), EXPANDED_PAGE)


def paths_info(_: Site, visit: Visit) -> Answer:
    """What stands at each of the paths in the form; those that are not there are left out."""
    commit, _rest = visit.revision_at(1)
    form = visit.call.form
    paths = [path.strip("/") for path in form.get("paths", [])]
    if len(paths) > _MAX_PATHS:
        raise refusals.Refusal(413, f"Too many paths: {len(paths)}, at most {_MAX_PATHS}")
    expand = form.get("expand", ["false"])[-1].lower() in {"1", "true"}
    make = expanded_row if expand else _plain_row
    return Answer.of_json(
        [make(commit, path) for path in paths if path in commit.files or path in commit.folders]
    )


def expanded_row(commit: Commit, path: str) -> dict[str, Any]:
    """A row with its last commit, and for files the result of the security scan."""
    last = commit.last_change(path)
    row: dict[str, Any] = {
        **commit.row(path),
        "lastCommit": {"id": last.sha, "title": last.title, "date": last.date},
    }
    if path in commit.files:
        row["securityFileStatus"] = {
            "status": "safe",
            "avScan": {"status": "safe"},
            "pickleImportScan": None,
        }
    return row


def _plain_row(commit: Commit, path: str) -> dict[str, Any]:
    return commit.row(path)


class _LazyRows(list[bytes]):
    """Expanded rows, made only for the page that is asked for."""

    def __init__(self, commit: Commit, paths: list[str]) -> None:
        super().__init__()
        self._commit = commit
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, window: Any) -> Any:
        return [to_json(expanded_row(self._commit, path)) for path in self._paths[window]]
