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


def open_elsewhere(
    tree: Tree, pattern: str, *, token: bool | str | None, settings: Settings
) -> list[DataFile]:
    """The data files that a URL leads to.

    Args:
        tree: where relative paths behind the last ``::`` start.
        pattern: the URL, with or without hops and magic.
        token: for the Hub.
        settings: of hfhub.

    Raises:
        ValueError: it is of a kind that can't be read, or leads out of a repository.
        DatasetNotFoundError: an ``hf://`` URL names no repository that the token opens.
    """
    hop, _, rest = pattern.partition("::")
    scheme, _, inner = hop.partition("://")
    if scheme in _ARCHIVES or scheme in _CODECS:
        if not rest:
            raise ValueError(f"{pattern!r} names no file after '::'")
        if is_elsewhere(rest):
            outer = open_elsewhere(tree, rest, token=token, settings=settings)
        else:
            outer = tree.glob(rest)
        if scheme in _CODECS:
            return outer
        return [file for archive in outer for file in _members(archive, inner or "**")]
    if isinstance(tree, HubTree):
        return tree.glob(pattern)  # which refuses what is not its own
    if scheme == "file":
        return tree.glob(unquote(urlsplit(pattern).path))
    if scheme == "hf":
        return _in_repo(inner, token=token, settings=settings)
    if scheme in ("http", "https"):
        return _on_the_web(pattern, token=token, settings=settings)
    raise ValueError(
        f"{pattern!r}: {scheme}:// can't be read; download the file, or name it by https:// or hf://"
    )


def _on_the_web(url: str, *, token: bool | str | None, settings: Settings) -> list[DataFile]:
    """The file at an address; one of the Hub is the file of a repository."""
    path = url.removeprefix(f"{settings.endpoint}/")
    if path.startswith("datasets/") and "/resolve/" in path:
        return _in_repo(unquote(path).replace("/resolve/", "@", 1), token=token, settings=settings)
    return [web_file(url, token=token, settings=settings)]


def _members(archive: DataFile, pattern: str) -> list[DataFile]:
    files = {inner_path(file.name): file for file in member_files(archive)}
    return [files[path] for path in select(files, pattern.strip("/"))]


def _in_repo(path: str, *, token: bool | str | None, settings: Settings) -> list[DataFile]:
    """The files that ``datasets/owner/name@revision/pattern`` picks."""
    kind, _, rest = path.partition("/")
    if kind != "datasets":
        raise ValueError(f"hf://{path}: write hf://datasets/owner/name@revision/path")
    repo, revision, inside = _split(rest)
    return open_repo(repo, revision=revision, token=token, settings=settings).glob(inside)


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
