"""Error answers, with the status and headers that the Hub gives them."""

from __future__ import annotations

from hfhub.local_hub.answer import Answer


class Refusal(Exception):
    """The call is answered with an error.

    Attributes:
        status: the HTTP status.
        message: what went wrong, in the Hub's words.
        code: the Hub's error code, if it has one for this.
        headers: more headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, code)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The answer that says so; a HEAD has no body, so the headers say it too."""
        answer = Answer.of_json({"error": self.message}, status=self.status)
        answer.headers |= self.headers
        if self.code is not None:
            answer.headers["X-Error-Code"] = self.code
        if self.status >= 400:
            # It may quote what the caller sent, who is not to write headers of ours.
            shown = (char if char.isprintable() else " " for char in self.message)
            answer.headers["X-Error-Message"] = "".join(shown)
        return answer


def invalid_token() -> Refusal:
    """The token is not known; this is not the same as not found."""
    return Refusal(401, "Invalid credentials in Authorization header")


def no_repository(kind: str, *, signed_in: bool) -> Refusal:
    """There is no such repository, or the caller may not know of it."""
    if signed_in:
        return Refusal(404, f"{kind.capitalize()} not found", code="RepoNotFound")
    return Refusal(401, "Invalid username or password.", code="RepoNotFound")


def no_revision(revision: str) -> Refusal:
    """The repository has no such revision."""
    return Refusal(404, f"Invalid rev id: {revision}", code="RevisionNotFound")


def no_entry(path: str, commit: str) -> Refusal:
    """The commit has no such file; its hash is told so that the absence can be remembered."""
    return Refusal(
        404, f"Entry not found: {path}", code="EntryNotFound", headers={"X-Repo-Commit": commit}
    )


def gated(kind: str, repo_id: str, *, signed_in: bool) -> Refusal:
    """The files are for users who asked for access."""
    if signed_in:
        message = (
            f"Access to {kind} {repo_id} is restricted and you are not in the authorized list. "
            "Ask for access on its page."
        )
        return Refusal(403, message, code="GatedRepo")
    message = (
        f"Access to {kind} {repo_id} is restricted. You must have access to it and be "
        "authenticated to access it. Please log in."
    )
    return Refusal(401, message, code="GatedRepo")


def disabled() -> Refusal:
    """The repository was closed."""
    return Refusal(403, "Access to this resource is disabled.")
