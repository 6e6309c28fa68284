"""``/refs`` and ``/commits``: branches, tags and what came before."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from hfhub.local_hub.answer import Answer, to_json
from hfhub.local_hub.paging import page

if TYPE_CHECKING:
    from hfhub.local_hub.repository import Commit
    from hfhub.local_hub.site import Site, Visit

_PAGE = 50
_GROUPS = (
    ("branches", "refs/heads/"),
    ("converts", "refs/convert/"),
    ("tags", "refs/tags/"),
    ("pullRequests", "refs/pr/"),
)


def refs(_: Site, visit: Visit) -> Answer:
    """Every reference with its commit, by kind; pull requests only when asked for."""
    groups: dict[str, list[dict[str, str]]] = {}
    references = visit.repository.references()
    for group, prefix in _GROUPS:
        if group == "pullRequests" and not visit.call.flag("include_prs"):
            continue
        groups[group] = [
            {"name": ref.removeprefix(prefix), "ref": ref, "targetCommit": sha}
            for ref, sha in references.items()
            if ref.startswith(prefix)
        ]
    return Answer.of_json(groups)


def commits(site: Site, visit: Visit) -> Answer:
    """The commits of a revision, newest first, in pages."""
    commit, _path = visit.revision_at(1)
    formatted = "formatted" in visit.call.query.get("expand", [])
    rows = [to_json(_row(c, formatted=formatted)) for c in commit.history()]
    return page(site, visit.call, rows, _PAGE)


def _row(commit: Commit, *, formatted: bool) -> dict[str, Any]:
    message = commit.message.partition("\n")[2].strip()
    row: dict[str, Any] = {
        "id": commit.sha,
        "title": commit.title,
        "message": message,
        "authors": [{"user": commit.author, "avatar": ""}],
        "date": commit.date,
    }
    if formatted:
        row["formatted"] = {"title": html.escape(commit.title), "message": html.escape(message)}
    return row
