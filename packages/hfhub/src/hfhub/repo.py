"""Names of repositories and of files in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote

from hfhub.errors import HFValidationError, UnsafePathError

RepoType = Literal["model", "dataset", "space"]
REPO_TYPES: tuple[RepoType, ...] = ("model", "dataset", "space")
DEFAULT_REVISION = "main"

_REPO_ID = re.compile(r"(?:\b[\w\-.]+\b/)?\b[\w\-.]{1,96}\b", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class RepoRef:
    """A repository at a revision.

    >>> RepoRef.parse("openai/gsm8k", "dataset").folder
    'datasets--openai--gsm8k'
    """

    kind: RepoType
    id: str
    revision: str = DEFAULT_REVISION

    @classmethod
    def parse(cls, repo_id: str, repo_type: str | None = None, revision: str | None = None) -> Self:
        """Check a repository id as users give it; ``repo_type`` None means a model.

        Raises:
            HFValidationError: if one of the three is malformed.
        """
        kind = repo_type or "model"
        if kind not in REPO_TYPES:
            raise HFValidationError(
                f"{repo_type!r} is not a repository type; write one of {', '.join(REPO_TYPES)}"
            )
        validate_repo_id(repo_id)
        return cls(kind, repo_id, _check_revision(revision))

    def at(self, revision: str) -> Self:
        """The same repository at ``revision``."""
        return type(self)(self.kind, self.id, revision)

    @property
    def folder(self) -> str:
        """Its folder in the cache."""
        return f"{self.kind}s--{self.id.replace('/', '--')}"

    @property
    def api_path(self) -> str:
        """Its path under ``{endpoint}/api/``."""
        return f"{self.kind}s/{self.id}"

    @property
    def url_path(self) -> str:
        """Its path under ``{endpoint}/``: models stand at the root."""
        return self.id if self.kind == "model" else f"{self.kind}s/{self.id}"

    @property
    def is_pinned(self) -> bool:
        """Whether the revision is a full commit hash, which never moves."""
        return is_commit(self.revision)

    @property
    def quoted_revision(self) -> str:
        """The revision as one URL segment: its own slashes are quoted too."""
        return quote(self.revision, safe="")

    def resolve_path(self, path: str) -> str:
        """The path of a file under ``{endpoint}/``, quoted."""
        return f"{self.url_path}/resolve/{self.quoted_revision}/{quote(path)}"

    def __str__(self) -> str:
        return f"{self.url_path}@{self.revision}"


def is_commit(revision: str) -> bool:
    """Whether ``revision`` is a full commit hash."""
    return _COMMIT.fullmatch(revision) is not None


def validate_repo_id(repo_id: str) -> None:
    """Check that ``repo_id`` is ``name`` or ``owner/name`` as the Hub allows them.

    Raises:
        HFValidationError: saying which rule is broken.
    """
    if not isinstance(repo_id, str):
        raise HFValidationError(
            f"Repo id must be a string, not {type(repo_id).__name__}: {repo_id!r}"
        )
    if repo_id.count("/") > 1:
        raise HFValidationError(
            f"Repo id must be in the form 'repo_name' or 'namespace/repo_name': {repo_id!r}. "
            "Use the `repo_type` argument for datasets and spaces"
        )
    if not _REPO_ID.fullmatch(repo_id):
        raise HFValidationError(
            "Repo id must use alphanumeric chars, '-', '_' or '.'; the name cannot start or end "
            f"with '-' or '.' and holds at most 96 characters: {repo_id!r}"
        )
    if "--" in repo_id or ".." in repo_id:
        raise HFValidationError(f"Cannot have -- or .. in repo_id: {repo_id!r}")
    if repo_id.endswith(".git"):
        raise HFValidationError(f"Repo_id cannot end by '.git': {repo_id!r}")


def _check_revision(revision: str | None) -> str:
    """``revision`` as a name that is safe below ``refs/``; None means the default branch."""
    if revision is None:
        return DEFAULT_REVISION
    if not revision:
        raise HFValidationError(f"{revision!r} is not a revision; write a branch, tag or commit")
    try:
        check_path(revision)
    except UnsafePathError as error:
        raise HFValidationError(f"{revision!r} is not a revision: {error.reason}") from None
    return revision


def check_path(path: str) -> str:
    """Check a relative ``/``-separated name that comes from outside, and give it back.

    Raises:
        UnsafePathError: if joining it to a folder could leave that folder on any system.
    """
    if not path:
        raise UnsafePathError(path, "it is empty")
    if "\0" in path:
        raise UnsafePathError(path, "it holds a NUL byte")
    if not path.isascii():
        try:
            path.encode()
        except UnicodeEncodeError:
            raise UnsafePathError(path, "it holds half a character (a lone surrogate)") from None
    if path.startswith(("/", "\\")) or _DRIVE.match(path):
        raise UnsafePathError(path, "it is absolute")
    if ".." in path.replace("\\", "/").split("/"):
        raise UnsafePathError(path, "it holds '..'")
    if any(part in ("", ".") for part in path.split("/")):
        raise UnsafePathError(path, "it holds an empty or '.' part")
    return path
