"""``/api/{kind}s/{repo}``: what the Hub knows of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hfhub.local_hub.answer import Answer, to_json
from hfhub.local_hub.body import bytes_of
from hfhub.local_hub.repository import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.local_hub.content import Entry
    from hfhub.local_hub.repository import Commit, Repository
    from hfhub.local_hub.site import Site, Visit

_TAGGED = (
    "annotations_creators",
    "language",
    "language_creators",
    "license",
    "multilinguality",
    "size_categories",
    "source_datasets",
    "task_categories",
    "task_ids",
)
_ALWAYS = ("_id", "id")


def info(_: Site, visit: Visit) -> Answer:
    """The repository at a revision; ``blobs`` adds sizes, ``expand`` picks fields."""
    call = visit.call
    commit, _path = visit.revision_at(1)
    blobs = call.flag("blobs")
    if wanted := call.query.get("expand"):
        facts = describe(visit.repository, commit, blobs=blobs)
        return Answer.of_json(
            {name: value for name, value in facts.items() if name in (*_ALWAYS, *wanted)}
        )
    # The list of files may be long, and never changes.
    siblings = commit.memo.get(("siblings", blobs))
    if siblings is None:
        siblings = commit.memo["siblings", blobs] = to_json(_siblings(commit, blobs=blobs))
    rest = to_json(_describe(visit.repository, commit))
    return Answer.of_json_bytes(rest[:-1] + b',"siblings":' + siblings + b"}")


def describe(repository: Repository, commit: Commit, *, blobs: bool = False) -> dict[str, Any]:
    """Every field, as ``info`` gives them."""
    return {**_describe(repository, commit), "siblings": _siblings(commit, blobs=blobs)}


def _describe(repository: Repository, commit: Commit) -> dict[str, Any]:
    """Every field but the files."""
    card = card_data(commit)
    if "size" not in commit.memo:
        commit.memo["size"] = sum(entry.size for entry in commit.files.values())
    facts: dict[str, Any] = {
        **summarize(repository, commit, card),
        "usedStorage": commit.memo["size"],
    }
    if card is not None:
        facts["cardData"] = card
    if repository.kind == "space":
        hardware = {"current": "cpu-basic", "requested": None}
        facts["runtime"] = {"stage": "RUNNING", "hardware": hardware}
    return facts


def summarize(
    repository: Repository, commit: Commit, card: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The fields that listings give too."""
    card = card or {}
    facts: dict[str, Any] = {
        "_id": f"{sum(map(ord, repository.id)):024x}",
        "id": repository.id,
        "author": repository.owner or None,
        "sha": commit.sha,
        "lastModified": commit.date,
        "createdAt": timestamp(0),
        "private": repository.private,
        "gated": repository.gated,
        "disabled": repository.disabled,
        "downloads": repository.downloads,
        "likes": repository.likes,
        "tags": _tags(repository, card),
    }
    if repository.kind == "model":
        facts["modelId"] = repository.id
        facts |= {name: card[name] for name in ("library_name", "pipeline_tag") if name in card}
    elif repository.kind == "dataset":
        facts["description"] = str(card.get("description", "")) or None
    else:
        facts["sdk"] = card.get("sdk", "static")
    return facts


def card_data(commit: Commit) -> dict[str, Any] | None:
    """The YAML block on top of the README, or None if there is none that can be read."""
    readme = commit.files.get("README.md")
    if readme is None:
        return None
    if "card" not in commit.memo:
        data = bytes_of(readme.content.body(0, readme.size))
        commit.memo["card"] = _front_matter(data.decode("utf-8", "replace"))
    return cast("dict[str, Any] | None", commit.memo["card"])


def _front_matter(text: str) -> dict[str, Any] | None:
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != "---":
        return None
    try:
        end = next(i for i, line in enumerate(lines) if i and line.rstrip() == "---")
    except StopIteration:
        return None
    import yaml

    try:
        card = yaml.safe_load("\n".join(lines[1:end]))
    except (yaml.YAMLError, RecursionError):
        return None
    return card if isinstance(card, dict) else None


def _tags(repository: Repository, card: Mapping[str, Any]) -> list[str]:
    tags = [str(tag) for tag in _as_list(card.get("tags"))]
    for field in _TAGGED:
        tags += [f"{field}:{value}" for value in _as_list(card.get(field))]
    if repository.kind == "model":
        tags += [f"dataset:{value}" for value in _as_list(card.get("datasets"))]
        tags += [str(card[name]) for name in ("library_name", "pipeline_tag") if name in card]
    return [*tags, "region:us"]


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _siblings(commit: Commit, *, blobs: bool) -> list[dict[str, Any]]:
    return [_sibling(entry, blobs=blobs) for entry in commit.files.values()]


def _sibling(entry: Entry, *, blobs: bool) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": entry.path}
    if blobs:
        sibling |= {"size": entry.size, "blobId": entry.blob_id}
        if entry.sha256 is not None:
            sibling["lfs"] = {
                "sha256": entry.sha256,
                "size": entry.size,
                "pointerSize": entry.pointer_size,
            }
    return sibling
