"""Who is asking, and what that user may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.local_hub import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.local_hub.call import Call
    from hfhub.local_hub.repository import Repository


@dataclass(frozen=True, slots=True)
class User:
    """Someone with a token.

    Attributes:
        name: owns the repositories under ``name/``.
        organizations: those whose repositories the user shares.
        fullname: for people; the name if empty.
        email: an address.
        role: of the token: read or write.
    """

    name: str
    organizations: tuple[str, ...] = ()
    fullname: str = ""
    email: str = ""
    role: str = "read"

    def owns(self, repository: Repository) -> bool:
        """Whether the repository is the user's, or of one of the user's organizations."""
        return repository.owner in (self.name, *self.organizations)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets callers in by their token.

    Attributes:
        users: by token.
        strict: whether a token that is not known is refused, as the Hub does. Otherwise its
            bearer counts as a stranger; a server for a team has no use for tokens of the real Hub.
    """

    users: Mapping[str, User]
    strict: bool = True

    def caller(self, call: Call) -> User | None:
        """The user who is asking, or None for a stranger.

        Raises:
            Refusal: if the token is not known.
        """
        header = call.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        user = self.users.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None and self.strict:
            raise refusals.invalid_token()
        return user

    def check_visible(self, repository: Repository, user: User | None) -> None:
        """Let ``user`` know of the repository.

        Raises:
            Refusal: if it is private and not the user's, or disabled.
        """
        if not may_see(repository, user):
            raise refusals.no_repository(repository.kind, signed_in=user is not None)
        if repository.disabled:
            raise refusals.disabled()

    def check_readable(self, repository: Repository, user: User | None) -> None:
        """Let ``user`` read the contents of files.

        Raises:
            Refusal: if the repository is gated and the user was not granted access.
        """
        if not repository.gated:
            return
        if user is None or not (user.owns(repository) or user.name in repository.granted):
            raise refusals.gated(repository.kind, repository.id, signed_in=user is not None)


def may_see(repository: Repository, user: User | None) -> bool:
    """Whether ``user`` may know that the repository is there."""
    if not repository.private:
        return True
    return user is not None and (user.owns(repository) or user.name in repository.readers)
