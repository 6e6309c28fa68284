"""``/api/{kind}s``: which repositories there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.local_hub.access import may_see
from hfhub.local_hub.answer import to_json
from hfhub.local_hub.info import card_data, describe, summarize
from hfhub.local_hub.paging import page

if TYPE_CHECKING:
    from hfhub.local_hub.access import User
    from hfhub.local_hub.answer import Answer
    from hfhub.local_hub.call import Call
    from hfhub.local_hub.repository import Repository
    from hfhub.local_hub.site import Site
    from hfhub.repo import RepoType

_MAX_PAGE = 1000
_SORTS = {
    "createdAt": "createdAt",
    "created_at": "createdAt",
    "downloads": "downloads",
    "lastModified": "lastModified",
    "last_modified": "lastModified",
    "likes": "likes",
}


def repositories(site: Site, call: Call, user: User | None, kind: RepoType) -> Answer:
    """The repositories that match ``search``, ``author`` and ``filter``, in pages of ``limit``."""
    found: list[dict[str, Any]] = []
    for repository in site.catalog.all(kind):
        if may_see(repository, user) and _named(repository, call):
            facts = _facts(repository, call)
            if facts is not None:
                found.append(facts)
    key = _SORTS.get(call.parameter("sort") or "")
    if key is not None:
        found.sort(key=lambda facts: facts[key], reverse=call.parameter("direction") != "1")
    rows = [to_json(_chosen(facts, call)) for facts in found]
    limit = call.parameter("limit") or ""
    size = max(1, min(int(limit), _MAX_PAGE)) if limit.isdecimal() else _MAX_PAGE
    return page(site, call, rows, size)


def _named(repository: Repository, call: Call) -> bool:
    authors = call.query.get("author", [])
    if any(author and author != repository.owner for author in authors):
        return False
    name = repository.id.lower()
    return all(word.lower() in name for word in call.query.get("search", []))


def _facts(repository: Repository, call: Call) -> dict[str, Any] | None:
    """What the listing says of a repository; None if it has no commit or not all the tags."""
    commit = repository.resolve("main")
    if commit is None:
        return None
    if call.flag("full") or "expand" in call.query:
        facts = describe(repository, commit)
    else:
        facts = summarize(repository, commit, card_data(commit))
    wanted = [tag for value in call.query.get("filter", []) for tag in value.split(",")]
    if not set(wanted) <= {repository.owner, *facts["tags"]}:
        return None
    gated = call.parameter("gated")
    if gated is not None and (gated.lower() in {"1", "true"}) != bool(repository.gated):
        return None
    return facts


def _chosen(facts: dict[str, Any], call: Call) -> dict[str, Any]:
    wanted = call.query.get("expand")
    if not wanted:
        return facts
    return {name: value for name, value in facts.items() if name in ("_id", "id", *wanted)}
