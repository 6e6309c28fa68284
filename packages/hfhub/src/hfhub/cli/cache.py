"""``hfhub cache``: look after the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.cli import cache_rm, show, target
from hfhub.cli.codes import ExitCode
from hfhub.cli.failure import UsageError
from hfhub.repo import REPO_TYPES

if TYPE_CHECKING:
    import argparse

    from hfhub.cache.report import CachedRepoInfo, HFCacheInfo
    from hfhub.cache.verify import Damage


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and those below it."""
    parser = commands.add_parser(
        "cache",
        help="what is cached; remove, verify, pin, trim",
        description="Look after the cache that all Hub clients of this machine share.",
    )
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    sub = below.add_parser("ls", help="what is cached")
    sub.add_argument("-r", "--revisions", action="store_true", help="a line a revision")
    sub.add_argument(
        "--sort", choices=("name", "size", "used"), default="name", help="default: name"
    )
    _common(sub, ls)

    cache_rm.add(below)

    sub = below.add_parser(
        "prune", help="remove detached revisions, unfinished downloads and leftovers"
    )
    sub.add_argument("--dry-run", action="store_true", help="only say what would go")
    _common(sub, prune)

    sub = below.add_parser("verify", help="read everything and compare it with its digests")
    _repository(sub, nargs="?")
    sub.add_argument("--repair", action="store_true", help="fetch what is damaged anew")
    _common(sub, verify)

    sub = below.add_parser("pin", help="keep a repository from eviction")
    _repository(sub)
    _common(sub, pin)

    sub = below.add_parser("unpin", help="take a pin off")
    _repository(sub)
    _common(sub, unpin)

    sub = below.add_parser("pins", help="what is pinned")
    _common(sub, pins)

    sub = below.add_parser("du", help="what takes the room")
    _common(sub, du)

    sub = below.add_parser("trim", help="evict what was used least recently")
    sub.add_argument("limit", metavar="SIZE", help="such as 50GB, or 80%% of the disk")
    sub.add_argument("--others", action="store_true", help="what other clients brought in, too")
    _common(sub, trim)


def _common(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--cache-dir", metavar="DIR", help="default: HF_HUB_CACHE")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def _repository(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    parser.add_argument(
        "repo", metavar="REPO", nargs=nargs, help="[datasets/|spaces/]OWNER/NAME[@REVISION]"
    )
    parser.add_argument("--type", choices=REPO_TYPES, help="default: model, or what REPO says")
    parser.add_argument("--revision", metavar="REV", help="branch, tag or commit")


def ls(options: argparse.Namespace) -> int:
    """Show what is cached."""
    from hfhub.cache.inspect import scan_cache_dir
    from hfhub.cache.maintain import list_pins

    info = scan_cache_dir(options.cache_dir)
    repos = _sorted(info, options.sort)
    pinned = {(pin.repo_type, pin.repo_id) for pin in list_pins(options.cache_dir)}
    if options.json:
        show.as_json(
            {
                "cache_dir": info.cache_dir,
                "size": info.size_on_disk,
                "repos": [_repo(repo, (repo.repo_type, repo.repo_id) in pinned) for repo in repos],
                "warnings": [str(warning) for warning in info.warnings],
            }
        )
        return 0
    if options.revisions:
        _print_revisions(repos)
    else:
        rows = (
            (
                f"{repo.repo_type}s/{repo.repo_id}",
                show.size(repo.size_on_disk),
                str(repo.nb_files),
                repo.last_accessed_str,
                "pinned" if (repo.repo_type, repo.repo_id) in pinned else "",
                ", ".join(sorted(repo.refs)),
            )
            for repo in repos
        )
        show.table(("REPOSITORY", "SIZE", "FILES", "USED", "", "REFS"), rows, right=(1, 2))
    print(f"{show.plural(len(repos), 'entry').replace('entrys', 'entries')}, ", end="")
    print(f"{show.size(info.size_on_disk)} in {info.cache_dir}")
    for warning in info.warnings:
        print(f"not understood: {warning}")
    return 0


def _print_revisions(repos: list[CachedRepoInfo]) -> None:
    rows = (
        (
            f"{repo.repo_type}s/{repo.repo_id}",
            revision.commit_hash,
            show.size(revision.size_on_disk),
            str(revision.nb_files),
            ", ".join(sorted(revision.refs)) or "(detached)",
        )
        for repo in repos
        for revision in sorted(repo.revisions, key=lambda revision: revision.commit_hash)
    )
    show.table(("REPOSITORY", "COMMIT", "SIZE", "FILES", "REFS"), rows, right=(2, 3))


def _sorted(info: HFCacheInfo, by: str) -> list[CachedRepoInfo]:
    def name(repo: CachedRepoInfo) -> tuple[str, str]:
        return repo.repo_type, repo.repo_id

    repos = sorted(info.repos, key=name)
    if by == "size":
        repos.sort(key=lambda repo: -repo.size_on_disk)
    elif by == "used":
        repos.sort(key=lambda repo: -repo.last_accessed)
    return repos


def _repo(repo: CachedRepoInfo, is_pinned: bool) -> dict[str, object]:
    return {
        "id": repo.repo_id,
        "type": repo.repo_type,
        "size": repo.size_on_disk,
        "files": repo.nb_files,
        "last_accessed": repo.last_accessed,
        "pinned": is_pinned,
        "path": repo.repo_path,
        "revisions": [
            {
                "commit": revision.commit_hash,
                "refs": revision.refs,
                "size": revision.size_on_disk,
                "files": revision.nb_files,
                "path": revision.snapshot_path,
            }
            for revision in sorted(repo.revisions, key=lambda revision: revision.commit_hash)
        ],
    }


def prune(options: argparse.Namespace) -> int:
    """Remove what nobody will ask for."""
    from hfhub.cache.maintain import prune_cache

    report = prune_cache(dry_run=options.dry_run, cache_dir=options.cache_dir)
    groups = {
        "detached revisions": report.revisions,
        "unfinished downloads": report.incomplete,
        "blobs without a revision": report.orphans,
        "dangling entries": report.dangling,
    }
    if options.json:
        listed = {name.replace(" ", "_"): list(found) for name, found in groups.items()}
        show.as_json({**listed, "freed": report.freed, "dry_run": options.dry_run})
        return 0
    for name, found in groups.items():
        for item in found:
            print(f"{name}: {item}")
    print(f"{'would free' if options.dry_run else 'freed'} {show.size(report.freed)}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Compare bytes with digests; exit code 6 if some are wrong and stay so."""
    from hfhub.cache.verify import verify_cache

    repo_id = kind = revision = None
    if options.repo is not None:
        wanted = target.parsed(options)
        repo_id, kind, revision = wanted.ref.id, wanted.ref.kind, wanted.revision
    elif options.type or options.revision:
        raise UsageError("--type and --revision go with a REPO")

    def repair(damage: Damage) -> None:
        from hfhub.download.file import hf_hub_download

        hf_hub_download(
            damage.ref.id,
            damage.path,
            repo_type=damage.ref.kind,
            revision=damage.ref.revision,
            cache_dir=options.cache_dir,
            # Another repository may hold the same damaged content, which must not be taken over.
            force_download=True,
        )

    report = verify_cache(
        repo_id,
        repo_type=kind,
        revision=revision,
        cache_dir=options.cache_dir,
        repair=repair if options.repair else None,
    )
    if options.json:
        show.as_json(
            {
                "files": report.files,
                "blobs": report.blobs,
                "bytes": report.bytes,
                "clean": report.is_clean,
                "damages": [str(damage) for damage in report.damages],
                "repaired": [str(damage) for damage in report.repaired],
                "unknown": list(report.unknown),
            }
        )
    else:
        for damage in report.damages:
            print(f"{'repaired' if damage in report.repaired else 'damaged'}: {damage}")
        for entry in report.unknown:
            print(f"no digest known: {entry}")
        print(
            f"{show.plural(report.files, 'file')}, {show.size(report.bytes)}: "
            + ("all as promised" if report.is_clean else "run with --repair to fetch them anew")
        )
    return ExitCode.OK if report.is_clean else ExitCode.DAMAGED


def pin(options: argparse.Namespace) -> int:
    """Keep a repository from eviction."""
    from hfhub.cache import maintain

    wanted = target.parsed(options)
    maintain.pin(
        wanted.ref.id,
        repo_type=wanted.ref.kind,
        revision=wanted.revision,
        cache_dir=options.cache_dir,
    )
    return _said(options, f"pinned {_name(wanted)}", pinned=True)


def unpin(options: argparse.Namespace) -> int:
    """Take a pin off; exit code 3 if there is none."""
    from hfhub.cache import maintain

    wanted = target.parsed(options)
    was_pinned = maintain.unpin(
        wanted.ref.id,
        repo_type=wanted.ref.kind,
        revision=wanted.revision,
        cache_dir=options.cache_dir,
    )
    if was_pinned:
        return _said(options, f"unpinned {_name(wanted)}", pinned=False)
    _said(options, f"there is no pin on {_name(wanted)}; see `hfhub cache pins`", pinned=False)
    return ExitCode.NOT_FOUND


def _name(wanted: target.Target) -> str:
    name = f"{wanted.ref.kind}s/{wanted.ref.id}"
    return name if wanted.revision is None else f"{name}@{wanted.revision}"


def _said(options: argparse.Namespace, text: str, **facts: object) -> int:
    if options.json:
        show.as_json(facts)
    else:
        print(text)
    return 0


def pins(options: argparse.Namespace) -> int:
    """Show what is pinned."""
    from hfhub.cache.maintain import list_pins

    found = list_pins(options.cache_dir)
    if options.json:
        show.as_json(
            [{"id": pin.repo_id, "type": pin.repo_type, "revision": pin.revision} for pin in found]
        )
        return 0
    for pin in found:
        at = "" if pin.revision is None else f"@{pin.revision}"
        print(f"{pin.repo_type}s/{pin.repo_id}{at}")
    return 0


def du(options: argparse.Namespace) -> int:
    """Show what takes the room."""
    from dataclasses import asdict

    from hfhub.cache.maintain import cache_usage

    usage = cache_usage(options.cache_dir)
    if options.json:
        show.as_json(asdict(usage))
        return 0
    show.facts(
        [
            ("total", show.size(usage.total)),
            ("by hfhub", show.size(usage.ours)),
            ("by others", show.size(usage.others)),
            ("unpacked and derived", show.size(usage.derived)),
            ("unfinished", show.size(usage.partial)),
            ("evictable now", show.size(usage.evictable)),
            ("limit", "none" if usage.limit is None else show.size(usage.limit)),
            ("free on the disk", show.size(usage.disk_free)),
        ]
    )
    return 0


def trim(options: argparse.Namespace) -> int:
    """Evict down to a size."""
    from hfhub.cache.maintain import trim_cache

    freed = trim_cache(options.limit, others=options.others, cache_dir=options.cache_dir)
    return _said(options, f"freed {show.size(freed)}", freed=freed)
