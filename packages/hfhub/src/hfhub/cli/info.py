"""``hfhub info``: what the Hub says of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.cli import show, target

if TYPE_CHECKING:
    import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "info",
        help="what the Hub says of a repository",
        description="Show commit, sizes, licence, tags, branches and access of a repository.",
    )
    target.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, with all files")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show what is known of the repository."""
    from hfhub.api import HfApi

    wanted = target.parsed(options)
    api = HfApi(endpoint=options.endpoint, token=options.token, library_name="hfhub-cli")
    kind = wanted.ref.kind
    info = api.repo_info(
        wanted.ref.id, repo_type=kind, revision=wanted.revision, files_metadata=True
    )
    refs = api.list_repo_refs(wanted.ref.id, repo_type=kind)
    files = [(file.rfilename, file.size) for file in info.siblings or []]
    card: Any = getattr(info, "card_data", None)
    card = card.to_dict() if hasattr(card, "to_dict") else dict(card or {})
    found = {
        "id": info.id,
        "type": kind,
        "commit": info.sha,
        "modified": info.last_modified,
        "files": len(files),
        "bytes": sum(size or 0 for _, size in files),
        "private": info.private,
        "gated": info.gated,
        "disabled": getattr(info, "disabled", None),
        "license": card.get("license"),
        "tags": info.tags or [],
        "branches": [ref.name for ref in refs.branches],
        "versions": [ref.name for ref in refs.tags],
        "conversions": [ref.ref for ref in refs.converts],
    }
    if options.json:
        listed = [{"path": path, "size": size} for path, size in files]
        show.as_json({**found, "siblings": listed, "card": card})
        return 0
    show.facts(
        [
            (name, _text(name, value))
            for name, value in found.items()
            if value not in (None, [], False)
        ]
    )
    return 0


def _text(name: str, value: Any) -> str:
    if name == "bytes":
        return show.size(value)
    if name == "modified":
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
