"""What a command is about: a repository, perhaps at a revision, perhaps a path in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cli.failure import UsageError
from hfhub.repo import REPO_TYPES, RepoRef

if TYPE_CHECKING:
    import argparse

_PREFIXES = {f"{kind}s": kind for kind in REPO_TYPES} | {kind: kind for kind in REPO_TYPES}


@dataclass(frozen=True, slots=True)
class Target:
    """A repository as it is written on the command line.

    Attributes:
        ref: the repository at a revision.
        revision: the revision as given, None for the default one.
        path: what stands behind the repository's name; may be empty.
    """

    ref: RepoRef
    revision: str | None
    path: str = ""

    @classmethod
    def parse(cls, text: str, *, kind: str | None = None, revision: str | None = None) -> Target:
        """Read ``[hf://][datasets/|spaces/|models/]OWNER/NAME[@REVISION][/PATH]``.

        >>> Target.parse("datasets/openai/gsm8k@v1/main/a.parquet").path
        'main/a.parquet'

        Raises:
            UsageError: if type or revision are given twice and differ.
            HFValidationError: if it is not a repository.
        """
        words = text.removeprefix("hf://").strip("/").split("/")
        if len(words) > 1 and words[0] in _PREFIXES:
            named = _PREFIXES[words.pop(0)]
            if kind is not None and kind != named:
                raise UsageError(f"{text!r} is a {named}, and --type says {kind}: leave one out")
            kind = named
        name, at, inline = "/".join(words[:2]).partition("@")
        path = "/".join(words[2:])
        if at:
            inline, path = _split_reference(inline, path)
            if revision is not None and revision != inline:
                raise UsageError(
                    f"{text!r} names a revision, and so does --revision: leave one out"
                )
            revision = inline
        return cls(RepoRef.parse(name, kind, revision), revision, path)


def _split_reference(revision: str, path: str) -> tuple[str, str]:
    """``refs/convert/parquet`` and ``refs/pr/1`` hold slashes; they may come quoted, too."""
    revision = revision.replace("%2F", "/")
    if revision == "refs":
        words = path.split("/")
        return "/".join(["refs", *words[:2]]), "/".join(words[2:])
    return revision, path


def add_arguments(parser: argparse.ArgumentParser, *, what: str = "the repository") -> None:
    """Give ``parser`` what names a repository, and how to reach it."""
    parser.add_argument(
        "repo", metavar="REPO", help=f"{what}: [datasets/|spaces/]OWNER/NAME[@REVISION]"
    )
    parser.add_argument("--type", choices=REPO_TYPES, help="default: model, or what REPO says")
    parser.add_argument("--revision", metavar="REV", help="branch, tag or commit")
    parser.add_argument("--endpoint", metavar="URL", help="the Hub (default: HF_ENDPOINT)")
    parser.add_argument(
        "--token", metavar="TOKEN", help="default: this machine's; better set HF_TOKEN than this"
    )


def parsed(options: argparse.Namespace) -> Target:
    """The repository that the arguments name."""
    return Target.parse(options.repo, kind=options.type, revision=options.revision)
