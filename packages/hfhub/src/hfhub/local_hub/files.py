"""``/resolve``: a file's bytes, by way of a redirect as the Hub does it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from hfhub.local_hub import refusals
from hfhub.local_hub.answer import Answer
from hfhub.local_hub.content import ContentGone
from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from hfhub.local_hub.body import Body
    from hfhub.local_hub.call import Call
    from hfhub.local_hub.content import Entry
    from hfhub.local_hub.repository import Commit
    from hfhub.local_hub.site import Site, Visit

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def resolve(site: Site, visit: Visit) -> Answer:
    """Send the caller on to the file: an LFS file on the second origin, else on this one."""
    commit, entry = _wanted(site, visit)
    headers = {"X-Repo-Commit": commit.sha, "Accept-Ranges": "bytes"}
    if entry.sha256 is not None:
        path = f"/{visit.repository.url_path}/{entry.sha256}/{entry.path}"
        signed = site.signer.sign(path, expired=visit.met.marked("expired_link"))
        headers |= {
            "X-Linked-Size": str(entry.size),
            "X-Linked-Etag": f'"{entry.sha256}"',
            "Location": site.cdn(visit.call) + signed,
        }
        return _redirect(302, headers)
    if site.redirect_regular:
        where = f"{visit.repository.api_path}/{commit.sha}/{quote(entry.path)}"
        query = f"{quote(visit.call.raw_path, safe='')}=&etag=%22{entry.blob_id}%22"
        headers["Location"] = f"/api/resolve-cache/{where}?{query}"
        return _redirect(307, headers)
    return _regular(visit, commit, entry)


def resolve_cached(site: Site, visit: Visit) -> Answer:
    """A regular file's bytes; ``rest`` is its commit and its path."""
    commit, entry = _wanted(site, visit)
    return _regular(visit, commit, entry)


def cdn_file(visit: Visit) -> Answer:
    """An LFS file's bytes, from the second origin; ``rest`` is its sha256 and its path.

    The etag is the second origin's own, as on the real one: it names no digest of the bytes.
    """
    sha256, path = visit.rest[0], "/".join(visit.rest[1:])
    entry = visit.repository.lfs_file(path, sha256)
    if entry is None:
        raise Refusal(404, "The specified key does not exist.")
    etag = hashlib.md5(sha256.encode(), usedforsecurity=False).hexdigest()
    headers = {"ETag": f'"{etag}"', "Cache-Control": "public, max-age=604800"}
    return _bytes(visit, entry, headers)


def _wanted(site: Site, visit: Visit) -> tuple[Commit, Entry]:
    commit, path = visit.revision_at(1)
    entry = commit.files.get(path)
    if entry is None:
        raise refusals.no_entry(path, commit.sha)
    site.door.check_readable(visit.repository, visit.user)
    return commit, entry


def _redirect(status: int, headers: dict[str, str]) -> Answer:
    word = "Found" if status == 302 else "Temporary Redirect"
    headers["Content-Type"] = "text/plain; charset=utf-8"
    return Answer(status, headers, f"{word}. Redirecting to {headers['Location']}".encode())


def _regular(visit: Visit, commit: Commit, entry: Entry) -> Answer:
    headers = {"X-Repo-Commit": commit.sha, "ETag": f'"{entry.blob_id}"'}
    return _bytes(visit, entry, headers)


def _bytes(visit: Visit, entry: Entry, headers: dict[str, str]) -> Answer:
    """The whole file, or the part of it that the caller wants."""
    call = visit.call
    call.file = entry.path
    name = quote(entry.path.rpartition("/")[2])
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Type": _media_type(entry.path),
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
    }
    wanted = None if visit.met.marked("ignore_range") else _range(call, headers["ETag"])
    if wanted is None:
        return Answer(200, headers, _span(entry, 0, entry.size))
    span = span_of(wanted, entry.size)
    if span is None:
        headers["Content-Range"] = f"bytes */{entry.size}"
        return Answer(416, headers)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{entry.size}"
    return Answer(206, headers, _span(entry, start, end))


def _range(call: Call, etag: str) -> tuple[str, str] | None:
    """The range that the caller wants, or None if the whole file is due."""
    condition = call.headers.get("if-range")
    if condition is not None and (condition != etag or condition.startswith("W/")):
        return None
    return parse_range(call.headers.get("range"))


def parse_range(header: str | None) -> tuple[str, str] | None:
    """The first and last byte as they stand in a ``Range`` header.

    None if there is no range, or several, or another unit: a server may send everything then.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    return None if match is None or match[0] == "bytes=-" else (match[1], match[2])


def span_of(wanted: tuple[str, str], size: int) -> tuple[int, int] | None:
    """The span of a file that is wanted, its end not included; None if there is none."""
    first, last = wanted
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None


def _span(entry: Entry, start: int, end: int) -> Body:
    try:
        return entry.content.body(start, end)
    except ContentGone as error:
        raise Refusal(404, str(error), code="EntryNotFound") from error


def _media_type(path: str) -> str:
    if path.endswith((".md", ".txt", ".json", ".jsonl", ".csv", ".py", ".yaml", ".yml")):
        return "text/plain; charset=utf-8"
    return "application/octet-stream"
