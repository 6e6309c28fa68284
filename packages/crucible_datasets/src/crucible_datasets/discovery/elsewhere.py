"""Data files that a URL leads to: ``https://``, ``hf://``, and members of archives, ``zip://``.

Hops are read from the right: ``zip://*.csv::https://host/data.zip`` is every CSV file in the
archive at that address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crucible_datasets.discovery.glob import select
from crucible_datasets.discovery.hub import HubTree, open_repo
from crucible_datasets.discovery.web import web_file
from crucible_datasets.formats.members import inner_path, member_files

if TYPE_CHECKING:
    from crucible_datasets.discovery.tree import Tree
    from crucible_datasets.formats.base import DataFile
    from hfhub.settings import Settings

#: Hops into archives, and hops into single compressed files, which are told by their content.
_ARCHIVES = frozenset({"zip", "tar", "7z", "rar", "libarchive"})
_CODECS = frozenset({"gzip", "bz2", "xz", "zstd", "lz4"})

#: Revisions that are written with slashes.
_REFS = re.compile(r"(refs/(?:convert|pr)/[^/]+)/(.*)")


def is_elsewhere(pattern: str) -> bool:
    """Whether ``pattern`` is a URL, or goes through an archive, rather than a path."""
    return "://" in pattern


class Elsewhere:
    """The data files that URLs lead to; a repository is looked up once for all of them.

    Args:
        tree: where relative paths behind the last ``::`` start.
        token: for the Hub.
        settings: of hfhub.
    """

    def __init__(self, tree: Tree, token: bool | str | None, settings: Settings) -> None:
        self._tree = tree
        self._token = token
        self._settings = settings
        self._repos: dict[tuple[str, str | None], HubTree] = {}

    def files(self, pattern: str) -> list[DataFile]:
        """The data files that one URL leads to.

        Args:
            pattern: the URL, with or without hops and magic.

        Raises:
            ValueError: it is of a kind that can't be read, or leads out of a repository.
            DatasetNotFoundError: an ``hf://`` URL names no repository that the token opens.
        """
        hop, _, rest = pattern.partition("::")
        scheme, _, inner = hop.partition("://")
        if scheme in _ARCHIVES or scheme in _CODECS:
            if not rest:
                raise ValueError(f"{pattern!r} names no file after '::'")
            outer = self.files(rest) if is_elsewhere(rest) else self._tree.glob(rest)
            if scheme in _CODECS:
                return outer
            return [file for archive in outer for file in _members(archive, inner or "**")]
        if isinstance(self._tree, HubTree):
            return self._tree.glob(pattern)  # which refuses what is not its own
        if scheme == "file":
            return self._tree.glob(unquote(urlsplit(pattern).path))
        if scheme == "hf":
            return self._in_repo(inner)
        if scheme in ("http", "https"):
            return self._on_the_web(pattern)
        raise ValueError(
            f"{pattern!r}: {scheme}:// can't be read; download the file, or name it by https:// "
            "or hf://"
        )

    def _on_the_web(self, url: str) -> list[DataFile]:
        """The file at an address; one of the Hub is the file of a repository."""
        path = url.removeprefix(f"{self._settings.endpoint}/")
        if path.startswith("datasets/") and "/resolve/" in path:
            return self._in_repo(unquote(path).replace("/resolve/", "@", 1))
        return [web_file(url, token=self._token, settings=self._settings)]

    def _in_repo(self, path: str) -> list[DataFile]:
        """The files that ``datasets/owner/name@revision/pattern`` picks."""
        kind, _, rest = path.partition("/")
        if kind != "datasets":
            raise ValueError(f"hf://{path}: write hf://datasets/owner/name@revision/path")
        repo, revision, inside = _split(rest)
        if (repo, revision) not in self._repos:
            self._repos[repo, revision] = open_repo(
                repo, revision=revision, token=self._token, settings=self._settings
            )
        return self._repos[repo, revision].glob(inside)


def _members(archive: DataFile, pattern: str) -> list[DataFile]:
    files = {inner_path(file.name): file for file in member_files(archive)}
    return [files[path] for path in select(files, pattern.strip("/"))]


def _split(path: str) -> tuple[str, str | None, str]:
    """Repository, revision and the path in it."""
    owner, _, rest = path.partition("/")
    before, at, after = rest.partition("@")
    if at and "/" not in before:
        name, rest = before, unquote(after) if after.startswith("refs%2F") else after
        refs = _REFS.fullmatch(rest)
        revision, inside = refs.groups() if refs else rest.partition("/")[::2]
        return f"{owner}/{name}", revision, inside
    name, _, inside = rest.partition("/")
    return f"{owner}/{name}", None, inside
