"""``/parquet``: the Parquet copies that stand at the revision ``refs/convert/parquet``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hfhub.local_hub import refusals
from hfhub.local_hub.answer import Answer
from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.local_hub.content import Entry
    from hfhub.local_hub.repository import Repository
    from hfhub.local_hub.site import Site, Visit

REVISION = "refs/convert/parquet"
_QUOTED = quote(REVISION, safe="")


def parquet(site: Site, visit: Visit) -> Answer:
    """``{config: {split: [url, ...]}}``; with a config and a split behind it, only those."""
    urls: dict[str, dict[str, list[str]]] = {}
    base = f"{site.origin(visit.call)}/api/{visit.repository.api_path}/parquet"
    for config, split, _ in _copies(visit.repository):
        shards = urls.setdefault(config, {}).setdefault(split, [])
        shards.append(f"{base}/{quote(config)}/{quote(split)}/{len(shards)}.parquet")
    words = visit.rest[1:]
    if len(words) == 3:
        return _redirect(site, visit, *words)
    found: Any = urls
    for word in words:
        if not isinstance(found, dict) or word not in found:
            raise Refusal(404, f"No Parquet copies of {'/'.join(words)}")
        found = found[word]
    return Answer.of_json(found)


def viewer_listing(site: Site, visit: Visit) -> Answer:
    """The same in the words of the dataset viewer's ``/parquet?dataset=``."""
    repository = visit.repository
    files = [
        {
            "dataset": repository.id,
            "config": config,
            "split": split,
            "url": _url(site, visit, entry.path),
            "filename": entry.path.rpartition("/")[2],
            "size": entry.size,
        }
        for config, split, entry in _copies(repository)
    ]
    answer = Answer.of_json({"parquet_files": files, "pending": [], "failed": [], "partial": False})
    if (commit := repository.resolve("main")) is not None:
        answer.headers["X-Revision"] = commit.sha
    return answer


def _copies(repository: Repository) -> Iterator[tuple[str, str, Entry]]:
    """Config, split and file of every copy, in order.

    Raises:
        Refusal: if the repository has none.
    """
    commit = repository.resolve(REVISION)
    if commit is None:
        raise Refusal(404, "The dataset has no Parquet copies")
    for path, entry in commit.files.items():
        words = path.split("/")
        if len(words) == 3 and path.endswith(".parquet"):
            yield words[0], words[1], entry


def _redirect(site: Site, visit: Visit, config: str, split: str, shard: str) -> Answer:
    entries = [e for c, s, e in _copies(visit.repository) if (c, s) == (config, split)]
    number = shard.removesuffix(".parquet")
    if not number.isdecimal() or int(number) >= len(entries):
        raise refusals.Refusal(404, f"No Parquet copy {config}/{split}/{shard}")
    location = _url(site, visit, entries[int(number)].path)
    return Answer(302, {"Location": location}, f"Found. Redirecting to {location}".encode())


def _url(site: Site, visit: Visit, path: str) -> str:
    base = f"{site.origin(visit.call)}/{visit.repository.url_path}"
    return f"{base}/resolve/{_QUOTED}/{quote(path)}"
