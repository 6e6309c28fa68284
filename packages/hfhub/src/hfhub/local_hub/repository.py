"""A repository: files by commit, branches and tags, who may see it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from hfhub.local_hub import git
from hfhub.local_hub.answer import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hfhub.local_hub.content import Entry
    from hfhub.repo import RepoType

Gated = Literal[False, "auto", "manual"]

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")


@dataclass(frozen=True)
class Commit:
    """The files of a repository at one moment.

    Attributes:
        sha: its id; the same files and history give the same id in every process.
        files: every file by path, in order of path.
        parent: the commit before, or None.
        number: how many commits came before.
    """

    sha: str
    files: Mapping[str, Entry]
    parent: Commit | None
    message: str
    author: str
    number: int

    @property
    def date(self) -> str:
        """When it was made, by a clock that ticks once a commit."""
        return timestamp(self.number)

    @property
    def title(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @cached_property
    def folders(self) -> Mapping[str, str]:
        """The tree id of every folder, the root as ``""``."""
        return git.tree_ids({path: entry.blob_id for path, entry in self.files.items()})

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        """The paths right inside every folder, in order."""
        children: dict[str, list[str]] = {folder: [] for folder in self.folders}
        for path in sorted([*self.files, *(folder for folder in self.folders if folder)]):
            children[path.rpartition("/")[0]].append(path)
        return children

    @cached_property
    def memo(self) -> dict[object, Any]:
        """Answers that were worked out from this commit, which never changes."""
        return {}

    def listing(self, folder: str, *, recursive: bool) -> list[bytes]:
        """What is in ``folder``, one JSON object each, in order of path, folders included."""
        rows: list[bytes] | None = self.memo.get(("listing", folder, recursive))
        if rows is None:
            rows = [to_json(self.row(path)) for path in self.paths(folder, recursive=recursive)]
            self.memo["listing", folder, recursive] = rows
        return rows

    def paths(self, folder: str, *, recursive: bool) -> Iterator[str]:
        """The paths in ``folder``, folders before what is in them."""
        for path in self._children[folder]:
            yield path
            if recursive and path in self.folders:
                yield from self.paths(path, recursive=True)

    def row(self, path: str) -> dict[str, object]:
        """How a listing shows the file or folder at ``path``."""
        entry = self.files.get(path)
        if entry is not None:
            return entry.row
        return {"type": "directory", "oid": self.folders[path], "size": 0, "path": path}

    def last_change(self, path: str) -> Commit:
        """The commit that gave the file or folder at ``path`` what it holds now."""
        here = self.row(path)["oid"]
        commit = self
        while (parent := commit.parent) is not None:
            known = path in parent.files or path in parent.folders
            if not known or parent.row(path)["oid"] != here:
                break
            commit = parent
        return commit

    def history(self) -> Iterator[Commit]:
        """This commit and those before it, newest first."""
        commit: Commit | None = self
        while commit is not None:
            yield commit
            commit = commit.parent


def timestamp(number: int) -> str:
    """The moment of commit ``number``, as the Hub writes it."""
    return (_EPOCH + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def make_commit(
    repo_id: str,
    files: Mapping[str, Entry],
    parent: Commit | None,
    *,
    message: str,
    author: str | None = None,
) -> Commit:
    """The commit that follows ``parent`` and leaves ``files``."""
    number = parent.number + 1 if parent else 0
    author = author or repo_id.partition("/")[0]
    ordered = dict(sorted(files.items()))
    folders = git.tree_ids({path: entry.blob_id for path, entry in ordered.items()})
    seconds = int((_EPOCH + timedelta(minutes=number)).timestamp())
    sha = git.commit_id(
        folders[""], parent.sha if parent else None, f"{author} <{repo_id}>", seconds, message
    )
    commit = Commit(sha, ordered, parent, message, author, number)
    commit.__dict__["folders"] = folders  # the cached property; the ids are at hand here
    return commit


@dataclass
class Repository:
    """A repository that this Hub serves.

    Attributes:
        kind: model, dataset or space.
        id: ``owner/name``.
        refs: commit by full reference: ``refs/heads/main``, ``refs/tags/v1``, ...
        private: whether only its owner and ``readers`` see it.
        gated: whether its files are only for its owner and ``granted``.
        disabled: whether the Hub has closed it.
        likes: how many users like it.
        downloads: how often files were fetched lately.
    """

    kind: RepoType
    id: str
    private: bool = False
    gated: Gated = False
    disabled: bool = False
    likes: int = 0
    downloads: int = 0
    readers: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)
    refs: dict[str, Commit] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The user or organisation in front of the slash; empty for the old single names."""
        owner, slash, _ = self.id.partition("/")
        return owner if slash else ""

    @property
    def api_path(self) -> str:
        """Its path under ``/api/``."""
        return f"{self.kind}s/{self.id}"

    @property
    def url_path(self) -> str:
        """Its path under ``/``: models stand at the root."""
        return self.id if self.kind == "model" else self.api_path

    def commit(
        self,
        branch: str,
        files: Mapping[str, Entry],
        *,
        message: str,
        author: str | None = None,
    ) -> Commit:
        """Leave ``files`` as the newest commit of ``branch``, unless it holds just those."""
        ref = full_ref(branch)
        parent = self.refs.get(ref)
        if parent is not None and _same(parent.files, files):
            return parent
        commit = make_commit(self.id, files, parent, message=message, author=author)
        self.commits[commit.sha] = commit
        self.refs[ref] = commit
        return commit

    def resolve(self, revision: str) -> Commit | None:
        """The commit that a branch, tag, reference or (shortened) commit hash names."""
        for ref in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if (commit := self.refs.get(ref)) is not None:
                return commit
        if (commit := self.commits.get(revision)) is not None:
            return commit
        if _SHORT_COMMIT.fullmatch(revision):
            found = [
                commit for sha, commit in list(self.commits.items()) if sha.startswith(revision)
            ]
            return found[0] if len(found) == 1 else None
        return None

    def references(self) -> dict[str, str]:
        """The commit hash of every reference, in order of name."""
        return {ref: commit.sha for ref, commit in sorted(self.refs.items())}

    def lfs_file(self, path: str, sha256: str) -> Entry | None:
        """The file of that content in any commit, or None."""
        for commit in list(self.commits.values()):
            entry = commit.files.get(path)
            if entry is not None and entry.sha256 == sha256:
                return entry
        return None


def full_ref(branch: str) -> str:
    """The reference of a branch; what is a reference already stays."""
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"


def _same(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> bool:
    return old.keys() == new.keys() and all(
        old[path].blob_id == entry.blob_id for path, entry in new.items()
    )
