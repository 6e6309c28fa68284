"""Branches, tags and commits of a repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from hfhub.models.record import Draft, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class GitRefInfo(Record):
    """A name for a commit.

    Attributes:
        name: such as ``main`` or ``v1.0``.
        ref: the whole name, such as ``refs/heads/main``.
        target_commit: the commit.
    """

    name: str
    ref: str
    target_commit: str
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        return cls(
            draft.text("name") or "",
            draft.text("ref") or "",
            draft.text("targetCommit") or "",
            draft.rest,
        )


@dataclass(frozen=True, slots=True)
class GitRefs(Record):
    """All names for commits in a repository; ``pull_requests`` only when asked for."""

    branches: list[GitRefInfo]
    converts: list[GitRefInfo]
    tags: list[GitRefInfo]
    pull_requests: list[GitRefInfo] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any], *, with_pull_requests: bool) -> Self:
        """Read them from an answer."""
        draft = Draft(data)
        requests = _refs(draft.any("pullRequests"))
        return cls(
            _refs(draft.any("branches")),
            _refs(draft.any("converts")),
            _refs(draft.any("tags")),
            requests if with_pull_requests else None,
            draft.rest,
        )


def _refs(data: object) -> list[GitRefInfo]:
    rows = data if isinstance(data, list) else []
    return [GitRefInfo.from_api(row) for row in rows if isinstance(row, dict)]


@dataclass(frozen=True, slots=True)
class GitCommitInfo(Record):
    """A commit.

    Attributes:
        commit_id: its hash.
        authors: user names.
        created_at: when.
        title: the first line of its message.
        message: the rest.
        formatted_title: as HTML; only with ``formatted=True``.
        formatted_message: as HTML; only with ``formatted=True``.
    """

    commit_id: str
    authors: list[str]
    created_at: datetime | None
    title: str
    message: str
    formatted_title: str | None = None
    formatted_message: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        authors = draft.any("authors")
        formatted = draft.table("formatted") or {}
        return cls(
            draft.text("id") or "",
            [
                author["user"]
                for author in (authors if isinstance(authors, list) else [])
                if isinstance(author, dict) and isinstance(author.get("user"), str)
            ],
            draft.time("date"),
            draft.text("title") or "",
            draft.text("message") or "",
            formatted.get("title"),
            formatted.get("message"),
            draft.rest,
        )
