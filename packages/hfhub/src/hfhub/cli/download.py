"""``hfhub download``: files, or a whole repository, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.cli import show, target
from hfhub.cli.failure import UsageError

if TYPE_CHECKING:
    import argparse

    from hfhub.cli.target import Target


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "download",
        help="fetch files or a whole repository",
        description="Fetch files, or all of a repository, verify them and print where they are.",
    )
    target.add_arguments(parser)
    parser.add_argument("files", metavar="FILE", nargs="*", help="paths in it (default: all)")
    parser.add_argument(
        "--include", metavar="PATTERN", action="append", help="only files like '*.json'"
    )
    parser.add_argument("--exclude", metavar="PATTERN", action="append", help="no files like this")
    parser.add_argument("--to", metavar="DIR", help="put plain files here, beside the cache")
    parser.add_argument("--cache-dir", metavar="DIR", help="the cache (default: HF_HUB_CACHE)")
    parser.add_argument("--force", action="store_true", help="fetch what is there already, too")
    parser.add_argument("--offline", action="store_true", help="ask only the cache")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be fetched")
    parser.add_argument("--workers", type=int, default=8, metavar="N", help="files at once")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fetch what the arguments name."""
    wanted = target.parsed(options)
    files = [*([wanted.path] if wanted.path else []), *options.files]
    if files and (options.include or options.exclude):
        raise UsageError("name files or give --include/--exclude patterns, not both")
    if options.workers < 1:
        raise UsageError(f"--workers {options.workers}: at least one is needed")
    if options.quiet:
        from hfhub.progress import disable_progress_bars

        disable_progress_bars()
    if options.dry_run:
        plan = _planned(options, wanted, files)
        if not plan and not files:
            _refuse_if_patterns(options, wanted)
        return _say(plan, options)
    if not files:
        folder = _snapshot(options, wanted, options.include)
        if not _chooses_a_file(options, wanted, folder):
            _refuse_if_patterns(options, wanted)
        return _say_folder(folder, wanted, options)
    one = len(files) == 1
    paths = [_one(options, wanted, files[0])] if one else _several(options, wanted, files)
    if options.json:
        found = [{"path": f, "local": p} for f, p in zip(files, paths, strict=True)]
        show.as_json({"repo": wanted.ref.id, "type": wanted.ref.kind, "files": found})
    else:
        print("\n".join(paths))
    return 0


def _arguments(options: argparse.Namespace, wanted: Target) -> dict[str, Any]:
    """The keywords that both calls take."""
    return {
        "repo_type": wanted.ref.kind,
        "revision": wanted.revision,
        "cache_dir": options.cache_dir,
        "local_dir": options.to,
        "force_download": options.force,
        "local_files_only": options.offline,
        "token": options.token,
        "endpoint": options.endpoint,
        "library_name": "hfhub-cli",
    }


def _one(options: argparse.Namespace, wanted: Target, path: str) -> str:
    from hfhub.download.file import hf_hub_download

    local: str = hf_hub_download(wanted.ref.id, path, **_arguments(options, wanted))
    return local


def _several(options: argparse.Namespace, wanted: Target, files: list[str]) -> list[str]:
    """Named files by one listing: cheaper than asking for each."""
    import os

    from hfhub.errors import EntryNotFoundError

    folder = _snapshot(options, wanted, [_literal(path) for path in files])
    paths = [os.path.join(folder, *path.split("/")) for path in files]
    for path, there in zip(files, paths, strict=True):
        if not os.path.exists(there):
            raise EntryNotFoundError(
                f"{wanted.ref} has no file {path!r}; `hfhub ls {wanted.ref.url_path}` lists them"
            )
    return paths


def _literal(path: str) -> str:
    """``path`` as a pattern for itself."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def _snapshot(options: argparse.Namespace, wanted: Target, include: list[str] | None) -> str:
    from hfhub.download.snapshot import snapshot_download

    folder: str = snapshot_download(
        wanted.ref.id,
        allow_patterns=include,
        ignore_patterns=options.exclude,
        max_workers=options.workers,
        **_arguments(options, wanted),
    )
    return folder


def _chooses_a_file(options: argparse.Namespace, wanted: Target, folder: str) -> bool:
    """Whether there is a file that the patterns choose: in the listing, else in the folder."""
    import os

    from hfhub.download.patterns import filter_repo_objects
    from hfhub.download.snapshot import get_cached_repo_tree
    from hfhub.errors import CachedRepoTreeNotFoundError

    try:
        listing = get_cached_repo_tree(
            wanted.ref.id,
            repo_type=wanted.ref.kind,
            revision=wanted.revision,
            cache_dir=options.cache_dir,
        )
        paths = [file.path for file in listing]
    except CachedRepoTreeNotFoundError:  # offline, on what an older client has fetched
        found = [f"{place}/{name}" for place, _, names in os.walk(folder) for name in names]
        paths = [os.path.relpath(path, folder) for path in found]
    chosen = filter_repo_objects(
        paths, allow_patterns=options.include, ignore_patterns=options.exclude
    )
    return next(chosen, None) is not None


def _refuse_if_patterns(options: argparse.Namespace, wanted: Target) -> None:
    """An empty repository is no mistake; patterns that choose nothing are."""
    from hfhub.errors import EntryNotFoundError

    given = [f"--include {pattern!r}" for pattern in options.include or ()]
    given += [f"--exclude {pattern!r}" for pattern in options.exclude or ()]
    if given:
        raise EntryNotFoundError(
            f"no file of {wanted.ref} matches {' '.join(given)}; "
            f"`hfhub ls -R {wanted.ref.url_path}` lists them"
        )


def _planned(options: argparse.Namespace, wanted: Target, files: list[str]) -> list[dict[str, Any]]:
    from hfhub.download.snapshot import snapshot_download

    plan = snapshot_download(
        wanted.ref.id,
        allow_patterns=[_literal(path) for path in files] or options.include,
        ignore_patterns=options.exclude,
        dry_run=True,
        **_arguments(options, wanted),
    )
    return [
        {
            "path": file.filename,
            "size": file.file_size,
            "local": str(file.local_path),
            "fetch": file.will_download,
        }
        for file in plan
        if not isinstance(file, str)
    ]


def _say(plan: list[dict[str, Any]], options: argparse.Namespace) -> int:
    if options.json:
        show.as_json(plan)
        return 0
    rows = [
        (show.size(file["size"]), "fetch" if file["fetch"] else "there", file["path"])
        for file in plan
    ]
    show.table(("SIZE", "", "PATH"), rows, right=(0,))
    missing = [file["size"] for file in plan if file["fetch"]]
    print(f"{show.plural(len(missing), 'file')}, {show.size(sum(missing))} to fetch")
    return 0


def _say_folder(folder: str, wanted: Target, options: argparse.Namespace) -> int:
    if options.json:
        show.as_json({"repo": wanted.ref.id, "type": wanted.ref.kind, "folder": folder})
    else:
        print(folder)
    return 0
