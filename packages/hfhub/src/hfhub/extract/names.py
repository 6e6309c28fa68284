"""Names of archive members: which of them are safe to write, on any system."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from typing import TYPE_CHECKING

from hfhub.errors import UnsafeArchiveError

if TYPE_CHECKING:
    from hfhub.extract.limits import Limits

# Names that Windows gives to devices in every folder, whatever their extension.
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"]
)
_DRIVE = re.compile(r"[A-Za-z]:")


class SafeNames:
    """Checks the names of one archive, each against the rules and against those before it."""

    def __init__(self, archive: str, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._spelled: dict[str, str] = {}
        self._links: set[str] = set()

    def check(self, name: str) -> str:
        """``name`` as a clean relative path, ``.`` for the folder itself.

        Raises:
            UnsafeArchiveError: if it could be written outside the folder, through a link that
                came before it, as a device, or over another name.
        """
        parts = self._parts(name)
        path = ""
        for position, part in enumerate(parts):
            if path in self._links:
                raise self._refuse(name, f"it would be written through the link {path!r}")
            path = f"{path}/{part}" if position else part
            self._check_spelling(name, path)
        return path or "."

    def check_symlink(self, name: str, target: str) -> None:
        """Check that the symlink ``name``, already a clean path, points inside the folder.

        Raises:
            UnsafeArchiveError: if it does not.
        """
        if not target or "\0" in target:
            raise self._refuse(name, f"it links to {target!r}")
        if target.startswith(("/", "\\")) or _DRIVE.match(target):
            raise self._refuse(name, f"it links to the absolute path {target!r}")
        reached = posixpath.normpath(
            posixpath.join(posixpath.dirname(name), target.replace("\\", "/"))
        )
        if reached == ".." or reached.startswith("../"):
            raise self._refuse(name, f"it links out of the folder, to {target!r}")
        self._links.add(name)

    def is_link(self, path: str) -> bool:
        """Whether the clean ``path`` was written as a symlink."""
        return path in self._links

    def forget_link(self, path: str) -> None:
        """Take note that the symlink at ``path`` was replaced."""
        self._links.discard(path)

    def check_links(self, folder: str) -> None:
        """Follow every symlink below ``folder`` for real, once all are there.

        A target that looks fine alone can leave the folder through another link.

        Raises:
            UnsafeArchiveError: if one leads outside.
        """
        root = os.path.realpath(folder)
        for link in sorted(self._links):
            reached = os.path.realpath(os.path.join(root, link))
            if reached != root and not reached.startswith(root + os.sep):
                raise self._refuse(link, "through other links it leads out of the folder")

    def _parts(self, name: str) -> list[str]:
        if "\0" in name:
            raise self._refuse(name, "the name holds a NUL byte")
        if name.startswith(("//", "\\\\")):
            raise self._refuse(name, "the name is a network path")
        if name.startswith(("/", "\\")):
            raise self._refuse(name, "the name is absolute")
        if _DRIVE.match(name):
            raise self._refuse(name, "the name holds a drive")
        for part in name.replace("\\", "/").split("/"):
            if part == "..":
                raise self._refuse(name, "the name holds '..'")
            if part != "." and part != part.rstrip(". "):
                raise self._refuse(
                    name, f"{part!r} ends with a dot or a space, which Windows drops"
                )
            if part.partition(".")[0].rstrip(" ").upper() in _DEVICES:
                raise self._refuse(name, f"{part!r} is a device on Windows")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if len(parts) > self._limits.max_depth:
            raise self._refuse(name, f"deeper than max_depth={self._limits.max_depth}")
        return parts

    def _check_spelling(self, name: str, path: str) -> None:
        folded = unicodedata.normalize("NFC", path).casefold()
        spelled = self._spelled.setdefault(folded, path)
        if spelled != path and not self._limits.allow_case_clash:
            raise self._refuse(
                name,
                f"{path!r} and {spelled!r} are one file on systems that ignore letter case; "
                "Limits(allow_case_clash=True) accepts it",
            )

    def _refuse(self, name: str, reason: str) -> UnsafeArchiveError:
        return UnsafeArchiveError(self._archive, reason, name)
