"""A revision that was resolved to a commit."""

from __future__ import annotations

from typing import Any, Self

__all__ = ["ResolvedRevision"]


class ResolvedRevision(str):
    """A branch or tag, as text, that also knows the commit it stood for when it was resolved.

    Passed as a ``revision`` to any call about the same repository, it saves that call the
    request that resolves it, and all calls see the same commit.

    Attributes:
        initial: what was asked for; None for the default branch.
        resolved: the commit.
        repo_id: the repository it was resolved for; None if unknown, which fits any.
        repo_type: its type.

    >>> revision = ResolvedRevision("a" * 40, "main")
    >>> revision == "main", revision.resolved[:3]
    (True, 'aaa')
    """

    __slots__ = ("initial", "repo_id", "repo_type", "resolved")

    initial: str | None
    resolved: str
    repo_id: str | None
    repo_type: str

    def __new__(
        cls,
        resolved: str,
        initial: str | None = None,
        repo_id: str | None = None,
        repo_type: str | None = None,
    ) -> Self:
        """Make one from the commit ``resolved``."""
        made = super().__new__(cls, "main" if initial is None else initial)
        made.initial = initial
        made.resolved = resolved
        made.repo_id = repo_id
        made.repo_type = repo_type or "model"
        return made

    def fits(self, repo_id: str, repo_type: str | None) -> bool:
        """Whether it was resolved for this repository."""
        return self.repo_id is None or (self.repo_id, self.repo_type) == (
            repo_id,
            repo_type or "model",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.resolved, self.initial, self.repo_id, self.repo_type)

    def __repr__(self) -> str:
        return f"ResolvedRevision(initial={self.initial!r}, resolved={self.resolved!r})"
