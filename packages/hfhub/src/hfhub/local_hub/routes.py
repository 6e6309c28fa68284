"""Which function answers which call."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from hfhub.local_hub import files, history, info, listing, parquet, refusals, tree
from hfhub.local_hub.answer import Answer
from hfhub.local_hub.refusals import Refusal
from hfhub.local_hub.site import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hfhub.local_hub.access import User
    from hfhub.local_hub.call import Call
    from hfhub.local_hub.faults import Met
    from hfhub.local_hub.site import Site
    from hfhub.repo import RepoType

KINDS: Mapping[str, RepoType] = {"models": "model", "datasets": "dataset", "spaces": "space"}


def _auth_check(site: Site, visit: Visit) -> Answer:
    """Whether the caller may read the files."""
    site.door.check_readable(visit.repository, visit.user)
    return Answer.of_json({})


# By the word behind the repository's name; "" is the repository itself.
API: Mapping[str, tuple[str, Callable[[Site, Visit], Answer]]] = {
    "": ("GET", info.info),
    "revision": ("GET", info.info),
    "tree": ("GET", tree.tree),
    "paths-info": ("POST", tree.paths_info),
    "refs": ("GET", history.refs),
    "commits": ("GET", history.commits),
    "parquet": ("GET", parquet.parquet),
    "auth-check": ("GET", _auth_check),
}
FILES: Mapping[str, tuple[str, Callable[[Site, Visit], Answer]]] = {
    "resolve": ("GET", files.resolve),
}


def answer_hub(site: Site, call: Call, user: User | None, met: Met) -> Answer:
    """Answer a call to the first origin.

    Raises:
        Refusal: if the answer is an error.
    """
    parts = call.parts
    if parts[0] == "api":
        return _answer_api(site, call, user, met, parts[1:])
    if parts == ["parquet"]:  # the dataset viewer's, which has a host of its own on the real Hub
        words = (call.parameter("dataset") or "").split("/")
        visit = _visit(site, call, user, met, "dataset", words, FILES)
        return parquet.viewer_listing(site, visit)
    if parts == [""]:
        return Answer.of_json({"server": "hfhub.local_hub", "endpoint": site.origin(call)})
    kind = KINDS.get(parts[0])
    words = parts[1:] if kind else parts
    visit = _visit(site, call, user, met, kind or "model", words, FILES)
    return _dispatch(site, visit, FILES)


def answer_cdn(site: Site, call: Call, met: Met) -> Answer:
    """Answer a call to the second origin, which knows no users, only signed links.

    Raises:
        Refusal: if the answer is an error.
    """
    _check_method(call, "GET")
    site.signer.check(call)
    kind = KINDS.get(call.parts[0])
    words = call.parts[1:] if kind else call.parts
    for count in (2, 1):
        repository = site.catalog.find(kind or "model", "/".join(words[:count]))
        if repository is not None and len(words) > count + 1:
            return files.cdn_file(Visit(call, None, repository, words[count:], met))
    raise Refusal(404, "The specified key does not exist.")


def _answer_api(site: Site, call: Call, user: User | None, met: Met, words: list[str]) -> Answer:
    if words == ["whoami-v2"]:
        return _whoami(call, user)
    if words[0] == "resolve-cache" and len(words) > 2 and (kind := KINDS.get(words[1])):
        _check_method(call, "GET")
        visit = _visit(site, call, user, met, kind, words[2:], FILES)
        # Its form is repo/commit/path, so the visit's rest lacks a word in front.
        shifted = Visit(call, user, visit.repository, ["resolve-cache", *visit.rest], met)
        return files.resolve_cached(site, shifted)
    kind = KINDS.get(words[0])
    if kind is None:
        raise Refusal(404, "Sorry, we can't find the page you are looking for.")
    if len(words) == 1:
        _check_method(call, "GET")
        return listing.repositories(site, call, user, kind)
    return _dispatch(site, _visit(site, call, user, met, kind, words[1:], API), API)


def _dispatch(
    site: Site, visit: Visit, table: Mapping[str, tuple[str, Callable[[Site, Visit], Answer]]]
) -> Answer:
    word = visit.rest[0] if visit.rest else ""
    if word not in table:
        raise Refusal(404, "Sorry, we can't find the page you are looking for.")
    method, function = table[word]
    _check_method(visit.call, method)
    return function(site, visit)


def _check_method(call: Call, method: str) -> None:
    allowed = ("GET", "HEAD") if method == "GET" else (method,)
    if call.method not in allowed:
        raise Refusal(
            405, f"Cannot {call.method} {call.path}", headers={"Allow": ", ".join(allowed)}
        )


def _visit(
    site: Site,
    call: Call,
    user: User | None,
    met: Met,
    kind: RepoType,
    words: list[str],
    table: Mapping[str, object],
) -> Visit:
    """Find the repository that ``words`` start with: ``owner/name``, or an old single ``name``.

    Raises:
        Refusal: if the caller may not see it, or has to use another name.
    """
    single = len(words) < 2 or words[1] in table
    for count in (1, 2) if single else (2, 1):
        repo_id = "/".join(words[:count])
        repository = site.catalog.find(kind, repo_id)
        if repository is not None and not any("/" in word for word in words[:count]):
            site.door.check_visible(repository, user)
            return Visit(call, user, repository, words[count:], met)
    repo_id = "/".join(words[: 1 if single else 2])
    right = site.catalog.canonical(kind, repo_id)
    if right is not None and right != repo_id:
        raise _moved(call, repo_id, right)
    raise refusals.no_repository(kind, signed_in=user is not None)


def _moved(call: Call, old: str, new: str) -> Refusal:
    """A redirect to the same call with the right name."""
    target = call.target.replace(quote(old), quote(new), 1)
    return Refusal(
        307, f"Temporary Redirect. Redirecting to {target}", headers={"Location": target}
    )


def _whoami(call: Call, user: User | None) -> Answer:
    _check_method(call, "GET")
    if user is None:
        raise refusals.invalid_token()
    return Answer.of_json(
        {
            "type": "user",
            "id": f"{sum(map(ord, user.name)):024x}",
            "name": user.name,
            "fullname": user.fullname or user.name,
            "email": user.email or f"{user.name}@localhost",
            "emailVerified": True,
            "isPro": False,
            "orgs": [
                {"type": "org", "name": name, "fullname": name, "roleInOrg": "read"}
                for name in user.organizations
            ],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "local", "role": user.role},
            },
        }
    )


def kind_of(repo_type: str | None) -> RepoType:
    """The kind that a caller of ours names; None is a model.

    Raises:
        ValueError: for another word.
    """
    kind = repo_type or "model"
    if kind not in KINDS.values():
        raise ValueError(f"{repo_type!r} is not a repository type; write model, dataset or space")
    return cast("RepoType", kind)
