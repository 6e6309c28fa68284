"""``hfhub ls``: the files of a repository, or the repositories of a search."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hfhub.cli import show, target
from hfhub.cli.failure import UsageError
from hfhub.repo import REPO_TYPES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from hfhub.models import RepoFile, RepoFolder


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ls",
        help="list files, or find repositories",
        description="List the files of a repository, or of a folder in it: REPO/FOLDER. "
        "With --search or --author instead of REPO, list repositories.",
    )
    parser.add_argument("repo", metavar="REPO", nargs="?", help="[datasets/]OWNER/NAME[@REV][/DIR]")
    parser.add_argument("--type", choices=REPO_TYPES, help="default: model, or what REPO says")
    parser.add_argument("--revision", metavar="REV", help="branch, tag or commit")
    parser.add_argument("--endpoint", metavar="URL", help="the Hub (default: HF_ENDPOINT)")
    parser.add_argument("--token", metavar="TOKEN", help="default: this machine's")
    parser.add_argument("-R", "--recursive", action="store_true", help="with what is in folders")
    parser.add_argument("-l", "--long", action="store_true", help="with sizes and digests")
    parser.add_argument("--search", metavar="TEXT", help="repositories with this in their name")
    parser.add_argument("--author", metavar="NAME", help="repositories of this user")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="of --search, --author")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List what the arguments name."""
    is_search = bool(options.search or options.author)
    if is_search == bool(options.repo):
        raise UsageError("name a REPO, or give --search or --author")
    return _repositories(options) if is_search else _files(options)


def _files(options: argparse.Namespace) -> int:
    from hfhub.api import HfApi

    wanted = target.parsed(options)
    api = HfApi(endpoint=options.endpoint, token=options.token, library_name="hfhub-cli")
    rows = api.list_repo_tree(
        wanted.ref.id,
        wanted.path or None,
        recursive=options.recursive,
        revision=wanted.revision,
        repo_type=wanted.ref.kind,
    )
    if options.json:
        show.as_json([_as_dict(row) for row in rows])
    elif options.long:
        show.table(("SIZE", "DIGEST", "PATH"), (_long(row) for row in rows), right=(0,))
    else:
        _print(rows)
    return 0


def _print(rows: Iterable[RepoFile | RepoFolder]) -> None:
    for row in rows:
        print(show.printable(row.path if hasattr(row, "size") else f"{row.path}/"))


def _long(row: RepoFile | RepoFolder) -> tuple[str, str, str]:
    if not hasattr(row, "size"):
        return "-", "-", f"{row.path}/"
    return show.size(row.size), row.lfs.sha256[:12] if row.lfs else row.blob_id[:12], row.path


def _as_dict(row: RepoFile | RepoFolder) -> dict[str, Any]:
    kept = {name: value for name, value in asdict(row).items() if value not in (None, {})}
    return {"kind": "file" if hasattr(row, "size") else "folder", **kept}


def _repositories(options: argparse.Namespace) -> int:
    from hfhub.api import HfApi

    api = HfApi(endpoint=options.endpoint, token=options.token, library_name="hfhub-cli")
    find: Any = {
        "model": api.list_models,
        "dataset": api.list_datasets,
        "space": api.list_spaces,
    }[options.type or "model"]
    found = list(find(search=options.search, author=options.author, limit=options.limit))
    if options.json:
        show.as_json([{"id": repo.id, "sha": repo.sha, "likes": repo.likes} for repo in found])
    else:
        for repo in found:
            print(show.printable(repo.id))
    return 0
