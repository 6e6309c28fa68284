"""Where an ``hf://`` path points."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import unquote

from hfhub.errors import HFValidationError
from hfhub.repo import DEFAULT_REVISION, RepoRef

_TYPES = {"datasets": "dataset", "spaces": "space", "models": "model"}
# Revisions of the Hub's own that have slashes in them.
_SPECIAL = re.compile(r"refs/(?:convert/[\w-]+|pr/\d+)(?=/|\Z)")


@dataclass(frozen=True, slots=True)
class Location:
    """A file or folder of a repository.

    >>> Location.parse("hf://datasets/openai/gsm8k@refs/convert/parquet/main/x.parquet")
    Location(repo=RepoRef(kind='dataset', id='openai/gsm8k', revision='refs/convert/parquet'), \
path='main/x.parquet', root='datasets/openai/gsm8k@refs/convert/parquet')

    Attributes:
        repo: the repository at a revision.
        path: below its root; empty for the root.
        root: the repository as it was written, revision and all, so that names come back alike.
    """

    repo: RepoRef
    path: str
    root: str

    @classmethod
    def parse(cls, text: str, revision: str | None = None) -> Self:
        """Read an ``hf://`` path, with or without its scheme.

        Args:
            text: ``[datasets/|spaces/|models/]owner/name[@revision][/path]``.
            revision: the revision, if it is not in the path.

        Raises:
            HFValidationError: if it names no repository, or two revisions.
        """
        rest = text.removeprefix("hf://").strip("/")
        prefix, _, below = rest.partition("/")
        kind = _TYPES.get(prefix)
        if kind is not None:
            rest = below
        owner, _, below = rest.partition("/")
        name, at, inside = _split_name(below)
        if not owner or not name:
            raise HFValidationError(
                f"{text!r} names no repository; write 'datasets/owner/name/path', "
                "'owner/name/path' (a model) or 'spaces/owner/name/path'"
            )
        written = unquote(at) if at else None
        if revision is not None and written not in (None, revision):
            raise HFValidationError(
                f"{text!r} has the revision {written!r}, and {revision!r} was given as well"
            )
        repo = RepoRef.parse(f"{owner}/{name}", kind, written or revision or DEFAULT_REVISION)
        root = f"{prefix}/{owner}/{name}" if kind else f"{owner}/{name}"
        return cls(repo, inside.strip("/"), f"{root}@{at}" if at else root)

    @property
    def name(self) -> str:
        """The path without its scheme, as fsspec calls things."""
        return f"{self.root}/{self.path}" if self.path else self.root

    def below(self, path: str) -> Self:
        """The same repository at ``path``."""
        return replace(self, path=path)

    @property
    def parent(self) -> Self:
        """The folder that it is in; the root's is itself."""
        return replace(self, path=self.path.rpartition("/")[0])


def _split_name(text: str) -> tuple[str, str, str]:
    """``name[@revision][/path]``, in its three parts."""
    name, _, inside = text.partition("/")
    if "@" not in name:
        return name, "", inside
    name, _, _ = name.partition("@")
    after = text[len(name) + 1 :]
    special = _SPECIAL.match(after)
    if special is not None:
        return name, special[0], after[special.end() :]
    revision, _, inside = after.partition("/")
    return name, revision, inside
