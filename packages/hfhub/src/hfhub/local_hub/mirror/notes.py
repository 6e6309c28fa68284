"""What a mirror remembers of a repository beside its files."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Notes:
    """What is remembered of a repository: the commit of every branch and tag that was asked for.

    Attributes:
        file: where that is kept.
        revisions: commit by name as it was asked for.
        references: commit by full reference, as last listed.
        is_stored: whether the file was there.
    """

    file: Path
    revisions: dict[str, str]
    references: dict[str, str]
    is_stored: bool = False

    @classmethod
    def load(cls, file: Path) -> Notes:
        """Read the notes; none, or broken ones, are empty."""
        try:
            data = json.loads(file.read_bytes())
        except (OSError, ValueError):
            return cls(file, {}, {})
        if not isinstance(data, dict):
            return cls(file, {}, {})
        return cls(file, _commits(data.get("revisions")), _commits(data.get("references")), True)

    def save(self) -> None:
        """Write the notes, or leave the old ones."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
        data = {"revisions": self.revisions, "references": self.references}
        beside.write_text(json.dumps(data, indent=1, sort_keys=True))
        beside.replace(self.file)
        self.is_stored = True


def _commits(data: Any) -> dict[str, str]:
    table = data if isinstance(data, dict) else {}
    return {str(name): sha for name, sha in table.items() if isinstance(sha, str)}
