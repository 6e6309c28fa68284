"""Where everything in the cache lies; no other module joins cache paths.

::

    <root>/
    ├── {models,datasets,spaces}--owner--name/
    │   ├── blobs/<hex>                  a file's bytes, or the official client's relative link into
    │   │                                the store below
    │   ├── refs/<revision>              text: the commit
    │   ├── snapshots/<commit>/<path>    a relative link to the blob, or the file itself
    │   ├── .no_exist/<commit>/<path>    empty: the commit has no such file
    │   └── trees/<commit>.json          listings by commit, as the official client writes them
    ├── blobs/<2 hex>/<hash>             the official client's store for all repositories
    ├── .locks/<repository>/<hex>.lock
    └── .hfhub/                          ours; losing it loses no bytes of anybody
        ├── index.sqlite                 a table of contents, made again by a scan
        ├── journal/                     what this index has not taken in yet
        ├── pins/                        one file a pin
        ├── partial/<repository>/<hex>   bytes on their way
        ├── trees/<repository>/<commit>  listings by commit
        ├── extracted/<key>/             opened archives
        ├── trash/  tmp/                 on its way out, or in

Names that come from the Hub pass :func:`hfhub.repo.check_path` here, and a blob's name is a digest
or nothing, so no path below leaves the root. Paths are plain strings: a cached file is found in
microseconds, and one ``pathlib.Path`` costs as much as the whole search.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hfhub.digest import Digest
from hfhub.errors import UnsafePathError
from hfhub.repo import RepoRef, check_path, is_commit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cache"]

SHARED_STORE = "blobs"
SHARED_MARKER = ".huggingface-shared-blobs"
SHARED_VERSION = "1\n"


class Cache:
    """The paths below one cache root; pure, touches no disk.

    Args:
        root: the folder that holds the repositories (``HF_HUB_CACHE``).
    """

    __slots__ = ("ballast", "index", "journals", "own", "pins", "root", "tmp", "trash")

    def __init__(self, root: str | Path) -> None:
        self.root = os.fspath(root)
        self.own = f"{self.root}/.hfhub"
        self.ballast = f"{self.own}/ballast"
        self.index = f"{self.own}/index.sqlite"
        self.journals = f"{self.own}/journal"
        self.pins = f"{self.own}/pins"
        self.tmp = os.path.join(self.own, "tmp")
        self.trash = f"{self.own}/trash"

    def repo_dir(self, ref: RepoRef) -> str:
        """The repository's folder.

        Raises:
            UnsafePathError: if the id could name another folder.
        """
        folder = ref.folder
        # RepoRef.parse checks ids; one that was built by hand is caught here.
        if "/" in folder or "\\" in folder or "\0" in folder:
            raise UnsafePathError(ref.id, "it is not a repository id")
        return f"{self.root}/{folder}"

    def blobs(self, ref: RepoRef) -> str:
        """The folder with the repository's blobs."""
        return f"{self.repo_dir(ref)}/blobs"

    def blob(self, ref: RepoRef, digest: str | Digest) -> str:
        """The blob of that digest in that repository.

        Raises:
            UnsafePathError: if ``digest`` is not 64 or 40 lower-case hex digits.
        """
        return f"{self.repo_dir(ref)}/blobs/{_hex(digest)}"

    def refs(self, ref: RepoRef) -> str:
        """The folder with the repository's revisions."""
        return f"{self.repo_dir(ref)}/refs"

    def ref_file(self, ref: RepoRef) -> str:
        """The file that holds the commit of ``ref.revision``, a branch or tag."""
        return f"{self.repo_dir(ref)}/refs/{check_path(ref.revision)}"

    def snapshots(self, ref: RepoRef) -> str:
        """The folder with the repository's commits."""
        return f"{self.repo_dir(ref)}/snapshots"

    def snapshot(self, ref: RepoRef) -> str:
        """The folder of the commit ``ref.revision``."""
        return f"{self.repo_dir(ref)}/snapshots/{_commit(ref)}"

    def pointer(self, ref: RepoRef, path: str) -> str:
        """The entry of ``path`` in the commit ``ref.revision``; what callers are given.

        Raises:
            UnsafePathError: if ``path`` could leave the snapshot, or the revision is no commit.
        """
        return f"{self.repo_dir(ref)}/snapshots/{_commit(ref)}/{check_path(path)}"

    @staticmethod
    def pointer_target(path: str, hex_digest: str) -> str:
        """The relative link from the entry of ``path`` to its blob."""
        return f"{'../' * (2 + path.count('/'))}blobs/{hex_digest}"

    def no_exist(self, ref: RepoRef, path: str) -> str:
        """The empty file that says: the commit ``ref.revision`` has no ``path``."""
        return f"{self.repo_dir(ref)}/.no_exist/{_commit(ref)}/{check_path(path)}"

    def lock(self, ref: RepoRef, digest: str | Digest) -> str:
        """The lock that spares a second download of a blob, the official client's too."""
        return f"{self.root}/.locks/{_last(self.repo_dir(ref))}/{_hex(digest)}.lock"

    def partials(self, ref: RepoRef) -> str:
        """The folder with the repository's unfinished downloads and their resume state."""
        return f"{self.all_partials}/{_last(self.repo_dir(ref))}"

    @property
    def all_partials(self) -> str:
        """The folder with every repository's unfinished downloads."""
        return f"{self.own}/partial"

    def partial(self, ref: RepoRef, digest: str | Digest) -> str:
        """The unfinished download of a blob; names beside it with a suffix are the downloader's."""
        return f"{self.partials(ref)}/{_hex(digest)}"

    def tree(self, ref: RepoRef) -> str:
        """Our listing of the commit ``ref.revision``."""
        return f"{self.own}/trees/{_last(self.repo_dir(ref))}/{_commit(ref)}"

    def peer_tree(self, ref: RepoRef) -> str:
        """The official client's listing of the commit ``ref.revision``."""
        return f"{self.repo_dir(ref)}/trees/{_commit(ref)}.json"

    def extracted(self, key: str) -> str:
        """The folder of an opened archive; ``key`` is 64 hex digits."""
        return f"{self.own}/extracted/{_hex(key)}"

    def derived(self, kind: str) -> str:
        """The folder for things made from blobs, such as ``arrow`` or ``map``.

        Raises:
            UnsafePathError: if ``kind`` is not a plain name.
        """
        if not kind.isidentifier():
            raise UnsafePathError(kind, "it is not a kind of derived entry")
        return f"{self.own}/{kind}"

    @property
    def shared_store(self) -> str:
        """The official client's folder of blobs for all repositories."""
        return f"{self.root}/{SHARED_STORE}"

    @property
    def shared_marker(self) -> str:
        """The file that says the folder above is such a store."""
        return f"{self.root}/{SHARED_STORE}/{SHARED_MARKER}"

    def __repr__(self) -> str:
        return f"Cache({self.root!r})"


def _hex(digest: str | Digest) -> str:
    if isinstance(digest, Digest):
        digest = digest.hex
    if Digest.from_hex(digest) is None:
        raise UnsafePathError(digest, "it is not a digest of 64 or 40 hex digits")
    return digest


def _commit(ref: RepoRef) -> str:
    if not is_commit(ref.revision):
        raise UnsafePathError(ref.revision, "it is not a full commit hash; resolve it first")
    return ref.revision


def _last(path: str) -> str:
    return path.rpartition("/")[2]
