"""``hfhub cache rm``: remove repositories or revisions from the cache."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from hfhub.cli import show
from hfhub.cli.failure import UsageError
from hfhub.cli.target import Target
from hfhub.errors import EntryNotFoundError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hfhub.cache.delete import DeleteCacheStrategy
    from hfhub.cache.report import CachedRepoInfo, HFCacheInfo

_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rm",
        help="remove repositories or revisions",
        description="Remove whole repositories, their revisions (REPO@REVISION), or commits by "
        "their hash. Content that others share stays.",
    )
    parser.add_argument(
        "what", metavar="WHAT", nargs="+", help="[datasets/]OWNER/NAME[@REVISION], or a commit"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument("--cache-dir", metavar="DIR", help="default: HF_HUB_CACHE")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Remove what the arguments name, once the user agrees."""
    from hfhub.cache.inspect import scan_cache_dir

    info = scan_cache_dir(options.cache_dir)
    commits = sorted({commit for text in options.what for commit in _commits(info, text)})
    strategy = info.delete_revisions(*commits)
    if not options.dry_run:
        if not options.json:
            _tell(commits, strategy)
        _confirm(options)
        strategy.execute()
    if options.json:
        show.as_json(
            {
                "commits": commits,
                "freed": strategy.expected_freed_size,
                "dry_run": options.dry_run,
            }
        )
    elif options.dry_run:
        _tell(commits, strategy)
    else:
        print("done")
    return 0


def _tell(commits: list[str], strategy: DeleteCacheStrategy) -> None:
    for commit in commits:
        print(f"revision {commit}")
    for repo in sorted(strategy.repos):
        print(f"all of {repo.name.replace('--', '/')}")
    print(f"{show.plural(len(commits), 'revision')}, {show.size(strategy.expected_freed_size)}")


def _confirm(options: argparse.Namespace) -> None:
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was removed: say --yes where there is no terminal to ask at")
    if input("Remove? [y/N] ").strip().lower() not in ("y", "yes"):
        raise KeyboardInterrupt


def _commits(info: HFCacheInfo, text: str) -> Iterator[str]:
    """The cached commits that ``text`` stands for.

    Raises:
        EntryNotFoundError: if there are none.
        UsageError: if a shortened hash fits several, or a name several types.
    """
    if _COMMIT.fullmatch(text):
        yield _by_hash(info, text)
        return
    wanted = Target.parse(text)
    if wanted.path:
        raise UsageError(f"{text!r}: single files cannot be removed, only REPO or REPO@REVISION")
    repo = _by_name(info, text, wanted)
    found = [
        revision.commit_hash
        for revision in repo.revisions
        if wanted.revision is None
        or revision.commit_hash.startswith(wanted.revision)
        or wanted.revision in revision.refs
    ]
    if not found:
        raise EntryNotFoundError(
            f"{repo.repo_id} has no cached revision {wanted.revision!r}; see `hfhub cache ls -r`"
        )
    yield from found


def _by_hash(info: HFCacheInfo, text: str) -> str:
    found = {
        revision.commit_hash
        for repo in info.repos
        for revision in repo.revisions
        if revision.commit_hash.startswith(text)
    }
    if not found:
        raise EntryNotFoundError(f"no cached commit starts with {text}; see `hfhub cache ls -r`")
    if len(found) > 1:
        raise UsageError(f"{text} fits {len(found)} cached commits; write more of it")
    return found.pop()


def _by_name(info: HFCacheInfo, text: str, wanted: Target) -> CachedRepoInfo:
    named = [repo for repo in info.repos if repo.repo_id == wanted.ref.id]
    right = [repo for repo in named if repo.repo_type == wanted.ref.kind]
    if right:
        return right[0]
    others = ", ".join(f"{repo.repo_type}s/{repo.repo_id}" for repo in named)
    hint = f"did you mean {others}?" if others else "see `hfhub cache ls`"
    raise EntryNotFoundError(f"{text} is not in the cache; {hint}")
