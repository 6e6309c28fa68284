"""A Hugging Face Hub on loopback: two real HTTP servers over repositories in memory or on disk."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hfhub.local_hub.access import Door, User
from hfhub.local_hub.catalog import Catalog
from hfhub.local_hub.content import LFS_PATTERNS, LFS_THRESHOLD, Entry, LfsRule, entry_of
from hfhub.local_hub.faults import Faults, bucket_of
from hfhub.local_hub.limits import RateLimits
from hfhub.local_hub.links import Signer
from hfhub.local_hub.pace import TakesLong
from hfhub.local_hub.refusals import Refusal
from hfhub.local_hub.repository import Gated, Repository, full_ref
from hfhub.local_hub.routes import answer_cdn, answer_hub, kind_of
from hfhub.local_hub.seen import Seen
from hfhub.local_hub.server import Server
from hfhub.local_hub.shelf import MemoryShelf, Shelf
from hfhub.local_hub.site import Site
from hfhub.repo import check_path, validate_repo_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hfhub.local_hub.answer import Answer
    from hfhub.local_hub.call import Call
    from hfhub.local_hub.faults import Met

Source = bytes | str | Path | None


class LocalHub:
    """A Hub that runs in this process until it is closed.

    >>> with LocalHub() as hub:
    ...     sha = hub.add("owner/name", {"train.jsonl": '{"a": 1}'})
    ...     len(sha)
    40

    Args:
        root: a folder of repositories, ``datasets/owner/name/...`` (``models``, ``spaces``).
        host: the address to listen at.
        port: the first origin's port; 0 picks a free one, as always for the second origin.
        cdn_port: the second origin's port.
        tokens: the user of every token, by name or as a :class:`User`.
        strict_tokens: whether other tokens are refused, as on the real Hub.
        lfs: patterns of names that LFS keeps.
        lfs_threshold: the size in bytes beyond which LFS keeps any file.
        link_seconds: how long a link to the second origin works.
        redirect_regular: whether regular files are answered by a 307 first, as on the real Hub.
        enforce_limits: whether callers over the rate limit get 429.
        keep_log: whether :attr:`requests` is filled.
        seed: of the faults' chances and random places.
        mirror: the endpoint of another Hub; what ``root`` lacks is fetched there once and kept.
        mirror_token: the token for that Hub: a text, True for this machine's, False for none.
            Whatever it opens is open to every caller of this Hub.
        shelves: more places where repositories are found.

    Attributes:
        requests: the calls so far, oldest first; appended to before the answer goes out.
        faults: what goes wrong on purpose.
    """

    def __init__(
        self,
        root: Path | str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        cdn_port: int = 0,
        tokens: Mapping[str, str | User] | None = None,
        strict_tokens: bool = True,
        lfs: Sequence[str] = LFS_PATTERNS,
        lfs_threshold: int = LFS_THRESHOLD,
        link_seconds: float = 3600.0,
        redirect_regular: bool = True,
        enforce_limits: bool = False,
        keep_log: bool = True,
        seed: int = 0,
        mirror: str | None = None,
        mirror_token: str | bool = False,
        shelves: Iterable[Shelf] = (),
    ) -> None:
        self._rule = LfsRule(tuple(lfs), lfs_threshold)
        self._memory = MemoryShelf()
        self._tokens: dict[str, User] = {}
        for token, user in (tokens or {}).items():
            self.add_token(token, user)
        places: list[Shelf] = [self._memory]
        if root is not None:
            from hfhub.local_hub.folder import FolderShelf

            places.append(FolderShelf(Path(root), self._rule))
        if mirror is not None:
            if root is None:
                raise ValueError("a mirror needs a root to keep its files in")
            places.append(_mirror_shelf(Path(root), mirror, mirror_token))
        self._catalog = Catalog([*places, *shelves])
        self._site = Site(
            catalog=self._catalog,
            door=Door(self._tokens, strict_tokens),
            signer=Signer(link_seconds),
            limits=RateLimits(enforce_limits),
            redirect_regular=redirect_regular,
        )
        self._keep_log = keep_log
        self._ids = itertools.count(1)
        self.requests: list[Seen] = []
        self.faults = Faults(seed)
        self._cdn_server = Server(host, cdn_port, "cdn", self._answer, self._is_slowed)
        try:
            self._hub_server = Server(host, port, "hub", self._answer, self._is_slowed)
        except OSError:
            self._cdn_server.close()
            raise
        self.faults.pause = self._hub_server.pause
        name = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
        self.endpoint = f"http://{name}:{self._hub_server.port}"
        self.cdn = f"http://{name}:{self._cdn_server.port}"
        self._site.endpoint = self.endpoint
        self._site.cdn_port = self._cdn_server.port

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop both servers; open connections are cut."""
        self._hub_server.close()
        self._cdn_server.close()

    # Repositories.

    def add(
        self,
        repo_id: str,
        files: Mapping[str, Source],
        *,
        repo_type: str | None = "dataset",
        branch: str = "main",
        private: bool | None = None,
        gated: bool | Gated | None = None,
        lfs: Sequence[str] | None = None,
        message: str | None = None,
    ) -> str:
        """Commit ``files`` on top of what ``branch`` holds, making repository and branch if new.

        Args:
            repo_id: ``owner/name``.
            files: by path: bytes, text (as UTF-8), a file or a folder on disk (which is served
                from there, so leave it alone), or None to delete.
            repo_type: model, dataset or space; None is a model.
            branch: a branch, or a reference such as ``refs/convert/parquet``.
            private: only for its owner; None leaves it as it is (at first: no).
            gated: files only for those :meth:`grant` was called for; None leaves it.
            lfs: patterns of the names that LFS keeps among ``files``, instead of this Hub's.
            message: of the commit.

        Returns:
            the hash of the commit. The same calls give the same hashes anywhere.
        """
        validate_repo_id(repo_id)
        repository = self._memory.make(kind_of(repo_type), repo_id)
        if private is not None:
            repository.private = private
        if gated is not None:
            repository.gated = "auto" if gated is True else gated
        rule = self._rule if lfs is None else LfsRule(tuple(lfs), self._rule.threshold)
        base = repository.refs.get(full_ref(branch))
        held: dict[str, Entry] = dict(base.files) if base else {}
        for path, source in _flatten(files):
            if source is None:
                del held[path]
            else:
                held[path] = entry_of(path, source, rule)
        text = message or f"Change {len(files)} file{'' if len(files) == 1 else 's'}"
        return repository.commit(branch, held, message=text).sha

    def repository(self, repo_id: str, *, repo_type: str | None = "dataset") -> Repository:
        """The repository itself, to look at or to change its facts.

        Raises:
            KeyError: if it is not there.
        """
        found = self._catalog.find(kind_of(repo_type), repo_id)
        if found is None:
            raise KeyError(repo_id)
        return found

    def sha(
        self, repo_id: str, revision: str = "main", *, repo_type: str | None = "dataset"
    ) -> str:
        """The commit that a revision names.

        Raises:
            KeyError: if the repository or the revision is not there.
        """
        commit = self.repository(repo_id, repo_type=repo_type).resolve(revision)
        if commit is None:
            raise KeyError(revision)
        return commit.sha

    def branch(
        self,
        repo_id: str,
        name: str,
        *,
        at: str = "main",
        repo_type: str | None = "dataset",
    ) -> None:
        """Make or move the branch ``name`` to what ``at`` names."""
        self._point(repo_id, full_ref(name), at, repo_type)

    def tag(
        self,
        repo_id: str,
        name: str,
        *,
        at: str = "main",
        repo_type: str | None = "dataset",
    ) -> None:
        """Make or move the tag ``name`` to what ``at`` names."""
        self._point(repo_id, f"refs/tags/{name}", at, repo_type)

    def _point(self, repo_id: str, ref: str, at: str, repo_type: str | None) -> None:
        repository = self.repository(repo_id, repo_type=repo_type)
        repository.refs[ref] = repository.commits[self.sha(repo_id, at, repo_type=repo_type)]

    def rename(self, old: str, new: str, *, repo_type: str | None = "dataset") -> None:
        """Give a repository another name; calls for the old one are sent there."""
        validate_repo_id(new)
        kind = kind_of(repo_type)
        repository = self._memory.remove(kind, old)
        repository.id = new
        self._memory.put(repository)
        self._catalog.note_renamed(kind, old, new)

    def remove(self, repo_id: str, *, repo_type: str | None = "dataset") -> None:
        """Take away a repository that :meth:`add` made."""
        self._memory.remove(kind_of(repo_type), repo_id)

    def disable(self, repo_id: str, *, repo_type: str | None = "dataset") -> None:
        """Close a repository to everyone."""
        self.repository(repo_id, repo_type=repo_type).disabled = True

    def grant(self, repo_id: str, user: str, *, repo_type: str | None = "dataset") -> None:
        """Let the user of that name read a gated repository, and see a private one."""
        repository = self.repository(repo_id, repo_type=repo_type)
        repository.granted.add(user)
        repository.readers.add(user)

    def add_token(self, token: str, user: str | User) -> None:
        """Let ``token`` be that of ``user``."""
        self._tokens[token] = User(user) if isinstance(user, str) else user

    # What was asked.

    def clear_requests(self) -> None:
        """Forget the calls so far."""
        self.requests.clear()

    def count(self, *, redirects: bool = False, origin: str | None = None) -> int:
        """How many calls came; those that were only sent on count if ``redirects``."""
        return sum(
            1
            for seen in self.requests
            if (redirects or not seen.is_redirect) and origin in (None, seen.origin)
        )

    @property
    def downloads(self) -> list[str]:
        """The files whose bytes were sent, in order, one mention a call."""
        return [
            seen.file
            for seen in self.requests
            if seen.file is not None and seen.method == "GET" and seen.status in (200, 206)
        ]

    def env(self, home: Path | str) -> dict[str, str]:
        """The environment of a program that is to use this Hub, and keep its files in ``home``."""
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(_OURS)}
        return {
            **kept,
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(Path(home) / "hub"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def _is_slowed(self) -> bool:
        return self.faults.active

    def _answer(self, call: Call) -> tuple[Answer, Callable[[int], None]]:
        """Make the answer to a call, and note it."""
        met = self.faults.meet(call)
        headers = {"X-Request-Id": f"local-{next(self._ids)}"}
        respond = self._respond_hub if call.origin == "hub" else self._respond_cdn
        try:
            answer = respond(call, met, headers)
        except Refusal as refusal:
            answer = refusal.answer()
            met.after(call, answer)
        answer.headers = headers | answer.headers
        if not self._keep_log:
            return answer, _ignore
        seen = Seen.of(call, answer)
        self.requests.append(seen)
        return answer, seen.add

    def _respond_hub(self, call: Call, met: Met, headers: dict[str, str]) -> Answer:
        """The first origin's answer; ``headers`` gets those that errors carry too."""
        user = self._site.door.caller(call)
        limits, who = self._site.limits, (bucket_of(call), user.name if user else None)
        headers |= limits.count(*who)
        if (answer := met.before(call)) is not None:
            return answer
        try:
            answer = answer_hub(self._site, call, user, met)
        except TakesLong:
            limits.give_back(*who)
            raise
        met.after(call, answer)
        return answer

    def _respond_cdn(self, call: Call, met: Met, _: dict[str, str]) -> Answer:
        answer = met.before(call)
        if answer is None:
            answer = answer_cdn(self._site, call, met)
            met.after(call, answer)
        return answer


_OURS = (
    "HF_",
    "HFHUB_",
    "HUGGING_FACE_",
    "HUGGINGFACE_",
    "TRANSFORMERS_OFFLINE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
)


def _mirror_shelf(root: Path, endpoint: str, token: str | bool) -> Shelf:
    from hfhub import settings  # the client that a mirror needs is not loaded for others
    from hfhub.http import Client
    from hfhub.local_hub.mirror import MirrorShelf

    here = settings.current().override(endpoint=endpoint, cache_dir=root)
    return MirrorShelf(Client(here, token=token))


def _flatten(files: Mapping[str, Source]) -> Iterable[tuple[str, Source]]:
    """The files, folders on disk replaced by what is in them."""
    for path, source in files.items():
        if isinstance(source, Path) and source.is_dir():
            prefix = f"{path.strip('/')}/" if path.strip("/.") else ""
            for file in sorted(source.rglob("*")):
                if file.is_file():
                    yield check_path(prefix + file.relative_to(source).as_posix()), file
        else:
            yield check_path(path), source


def _ignore(_: int) -> None:
    return None
