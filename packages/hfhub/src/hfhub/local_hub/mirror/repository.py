"""A repository whose commits are fetched when they are asked for."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from hfhub.api import history, tree
from hfhub.api.commit import resolve
from hfhub.cache.store import store_for
from hfhub.errors import (
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hfhub.local_hub.content import Entry
from hfhub.local_hub.mirror.content import Fetches, MirroredContent
from hfhub.local_hub.pace import about_to_take_long
from hfhub.local_hub.refusals import Refusal
from hfhub.local_hub.repository import Commit, Repository
from hfhub.repo import RepoRef, is_commit

if TYPE_CHECKING:
    from hfhub.local_hub.mirror.notes import Notes
    from hfhub.local_hub.mirror.upstream import Upstream
    from hfhub.models import RepoFile


class MirroredRepository(Repository):
    """A repository whose commits are fetched when they are asked for."""

    def __init__(self, upstream: Upstream, ref: RepoRef, notes: Notes) -> None:
        super().__init__(ref.kind, ref.id)
        self._upstream = upstream
        self._ref = ref
        self._notes = notes
        self._asked: dict[str, float] = {}
        self._fetches = Fetches(upstream.client)
        self._one_at_a_time = threading.Lock()

    def resolve(self, revision: str) -> Commit | None:
        """The commit of a revision, by the other Hub if it can be reached."""
        sha = revision if is_commit(revision) else self._look_up(revision)
        if sha is None:
            return None
        known = self.commits.get(sha)
        if known is not None:
            return known
        about_to_take_long()
        with self._one_at_a_time:
            if sha not in self.commits:
                files = self._list(sha)
                if files is None:
                    return None
                self.commits[sha] = self._commit(sha, files)
            return self.commits[sha]

    def references(self) -> dict[str, str]:
        """The commit of every reference, by the other Hub if it can be reached."""
        if self._is_due("refs"):
            about_to_take_long()
            try:
                with self._upstream.answers(self._ref):
                    found = history.list_refs(
                        self._upstream.asking, self._ref, include_pull_requests=True
                    )
            except Refusal:
                if not self._notes.is_stored:
                    raise
            else:
                groups = (found.branches, found.converts, found.tags, found.pull_requests or [])
                self._notes.references = {
                    ref.ref: ref.target_commit for group in groups for ref in group
                }
                self._notes.save()
            self._asked["refs"] = time.monotonic()
        return dict(sorted(self._notes.references.items()))

    def _is_due(self, question: str) -> bool:
        asked = self._asked.get(question)
        return asked is None or time.monotonic() - asked > self._upstream.fresh_seconds

    def _look_up(self, revision: str) -> str | None:
        if not self._is_due(f"revision {revision}"):
            return self._notes.revisions.get(revision)
        about_to_take_long()
        known = self._notes.revisions.get(revision)
        try:
            with self._upstream.answers(self._ref):
                sha = resolve(RepoRef.parse(self.id, self.kind, revision), self._upstream.asking)
        except (RevisionNotFoundError, RepositoryNotFoundError, HFValidationError):
            return None
        except Refusal:
            if known is None:
                raise
            sha = known
        self._asked[f"revision {revision}"] = time.monotonic()
        if sha != known:
            self._notes.revisions[revision] = sha
            self._notes.save()
        return sha

    def _list(self, sha: str) -> list[RepoFile] | None:
        at_commit = self._ref.at(sha)
        store = store_for(self._upstream.client.settings)
        files = store.read_tree(at_commit)
        if files is None:
            try:
                with self._upstream.answers(at_commit):
                    files = tree.list_files(self._upstream.client, at_commit)
            except (RevisionNotFoundError, RepositoryNotFoundError):
                return None
            store.write_tree(at_commit, files)
        return files

    def _commit(self, sha: str, files: list[RepoFile]) -> Commit:
        at_commit = self._ref.at(sha)
        entries = {
            file.path: Entry(
                file.path,
                file.size,
                file.blob_id,
                file.lfs.sha256 if file.lfs else None,
                MirroredContent(self._upstream, self._fetches, at_commit, file),
            )
            for file in sorted(files, key=lambda file: file.path)
        }
        message = f"Mirror of {self._upstream.client.settings.endpoint}"
        return Commit(sha, entries, None, message, self.owner, 0)
