"""The repositories of another Hub that were asked for here."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hfhub.api import info
from hfhub.errors import (
    HFValidationError,
    RepositoryNotFoundError,
)
from hfhub.local_hub.mirror.notes import Notes
from hfhub.local_hub.mirror.repository import MirroredRepository
from hfhub.local_hub.mirror.upstream import Upstream
from hfhub.local_hub.pace import about_to_take_long
from hfhub.repo import RepoRef

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.local_hub.repository import Repository
    from hfhub.repo import RepoType


FRESH_SECONDS = 30.0


class MirrorShelf:
    """The repositories of the Hub that ``client`` talks to.

    Branches are looked up there again after ``fresh_seconds``; when it cannot be reached, they stay
    what they were. Commits never change, so what is kept of them is served without a question.

    Args:
        client: asks the other Hub; its settings name the folder to keep things in. What its token
            opens, every caller of the mirror can read.
        fresh_seconds: how long a branch is believed to stay where it is.
    """

    def __init__(self, client: Client, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._upstream = Upstream(client, fresh_seconds)
        self._notes = Path(client.settings.cache_dir) / ".hub" / "mirror"
        self._known: dict[tuple[RepoType, str], MirroredRepository] = {}
        self._guard = threading.Lock()

    def find(self, kind: RepoType, repo_id: str) -> Repository | None:
        """The repository, asked for at the other Hub if it is new here."""
        known = self._known.get((kind, repo_id))
        if known is not None:
            return known
        about_to_take_long()
        try:
            ref = RepoRef.parse(repo_id, kind)
        except HFValidationError:
            return None
        notes = Notes.load(self._notes / f"{ref.folder}.json")
        if not notes.is_stored and not self._is_there(ref):
            return None
        with self._guard:
            made = MirroredRepository(self._upstream, ref, notes)
            return self._known.setdefault((kind, repo_id), made)

    def all(self, kind: RepoType) -> list[Repository]:
        """The repositories that were asked for so far, in order of name."""
        prefix = f"{kind}s--"
        names = sorted(file.stem for file in self._notes.glob(f"{prefix}*.json"))
        ids = [name.removeprefix(prefix).replace("--", "/", 1) for name in names]
        return [repo for repo_id in ids if (repo := self.find(kind, repo_id)) is not None]

    def _is_there(self, ref: RepoRef) -> bool:
        try:
            with self._upstream.answers(ref):
                info.repo_info(self._upstream.asking, ref, at_revision=False, expand=["sha"])
        except RepositoryNotFoundError:
            return False
        return True
