"""What can go wrong between a client and the Hub, switched on by tests."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Self, TypedDict, Unpack

from hfhub.local_hub.answer import Answer, Delivery
from hfhub.local_hub.body import FileSpan, Flow, bytes_of
from hfhub.local_hub.limits import rate_limit_headers, too_many
from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hfhub.local_hub.call import Call, Origin


class Where(TypedDict, total=False):
    """Which calls a fault meets.

    Attributes:
        path: a shell pattern for the path without the query; it may match the end only, so
            ``"train.parquet"`` and ``"*.parquet"`` do what one expects. ``*`` also matches slashes.
        origin: ``"hub"`` or ``"cdn"`` only.
        method: one method only.
        times: how many calls it meets before it is over; None for all.
        skip: how many matching calls pass first.
        chance: how likely it meets a matching call, by the seed of :class:`Faults`.
    """

    path: str
    origin: Origin | None
    method: str | None
    times: int | None
    skip: int
    chance: float


@dataclass
class Fault:
    """One fault that is switched on; leaving it as a context manager switches it off.

    Attributes:
        name: the kind.
        hits: how many calls it met.
    """

    name: str
    owner: Faults
    where: Where
    hits: int = 0
    before: Callable[[Call], Answer | None] | None = None
    after: Callable[[Call, Answer], None] | None = None
    marks: frozenset[str] = frozenset()
    _passed: int = 0

    def off(self) -> None:
        """Switch it off."""
        self.owner.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.off()

    def meets(self, call: Call, rng: random.Random) -> bool:
        """Whether it meets ``call``, which is counted if so."""
        where = self.where
        if not _matches(call, where):
            return False
        times = where.get("times")
        if times is not None and self.hits >= times:
            return False
        if self._passed < where.get("skip", 0):
            self._passed += 1
            return False
        if rng.random() >= where.get("chance", 1.0):
            return False
        self.hits += 1
        return True


def _matches(call: Call, where: Where) -> bool:
    origin, method = where.get("origin"), where.get("method")
    if (origin is not None and origin != call.origin) or (method and method != call.method):
        return False
    pattern = where.get("path", "*")
    return fnmatchcase(call.path, pattern) or fnmatchcase(call.path, "*" + pattern)


@dataclass(frozen=True, slots=True)
class Met:
    """The faults that met one call."""

    faults: tuple[Fault, ...] = ()

    def marked(self, mark: str) -> bool:
        """Whether one of them wants ``mark``."""
        return any(mark in fault.marks for fault in self.faults)

    def before(self, call: Call) -> Answer | None:
        """Do what comes before the answer; an answer instead of the true one, if any."""
        for fault in self.faults:
            if fault.before is not None and (answer := fault.before(call)) is not None:
                return answer
        return None

    def after(self, call: Call, answer: Answer) -> None:
        """Change the true answer."""
        for fault in self.faults:
            if fault.after is not None:
                fault.after(call, answer)


NOTHING = Met()


@dataclass
class Faults:
    """The faults of one Hub. Every method switches one on and gives it back.

    All take the keywords of :class:`Where`. Chances and random places come from ``seed``, so the
    same calls in the same order meet the same faults.

    >>> faults = Faults()
    >>> cut = faults.cut(after=1000, path="*.parquet", times=2)
    >>> cut.hits
    0
    """

    seed: int = 0
    pause: Callable[[float], object] = time.sleep
    _active: list[Fault] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)  # noqa: S311 - to be repeatable is the point

    @property
    def active(self) -> bool:
        """Whether one is switched on."""
        return bool(self._active)

    def meet(self, call: Call) -> Met:
        """The faults that meet ``call``, in the order they were switched on."""
        if not self._active:
            return NOTHING
        with self._guard:
            return Met(tuple(fault for fault in self._active if fault.meets(call, self._rng)))

    def clear(self) -> None:
        """Switch all off, and start the random numbers anew."""
        with self._guard:
            self._active.clear()
            self._rng.seed(self.seed)

    def remove(self, fault: Fault) -> None:
        """Switch one off."""
        with self._guard:
            if fault in self._active:
                self._active.remove(fault)

    # Before the answer.

    def latency(self, seconds: float, *, jitter: float = 0.0, **where: Unpack[Where]) -> Fault:
        """Answer ``seconds`` late, give or take up to ``jitter``."""

        def wait(_: Call) -> None:
            self.pause(max(0.0, seconds + jitter * (2 * self._random() - 1)))

        return self._on("latency", where, before=wait)

    def status(
        self,
        code: int,
        *,
        message: str = "",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        **where: Unpack[Where],
    ) -> Fault:
        """Answer with ``code``, and ``body`` instead of the Hub's JSON if it is given."""

        def refuse(_: Call) -> Answer:
            answer = Refusal(code, message or f"status {code} on purpose", headers=headers).answer()
            if body is not None:
                answer.body = body
            return answer

        return self._on(f"status {code}", where, before=refuse)

    def rate_limit(
        self,
        seconds: int = 1,
        *,
        style: Literal["ratelimit", "retry-after", "date"] = "ratelimit",
        **where: Unpack[Where],
    ) -> Fault:
        """Answer 429, to be tried again in ``seconds``, which one of three headers says."""

        def refuse(call: Call) -> Answer:
            if style == "ratelimit":
                headers = rate_limit_headers(bucket_of(call), 0, seconds, 500)
            elif style == "retry-after":
                headers = {"Retry-After": str(seconds)}
            else:
                headers = {"Retry-After": formatdate(time.time() + seconds, usegmt=True)}
            return Refusal(429, too_many(500), headers=headers).answer()

        return self._on("rate limit", where, before=refuse)

    def foreign_redirect(self, target: str, *, code: int = 302, **where: Unpack[Where]) -> Fault:
        """Send callers to ``target`` (its ``{path}`` stands for the path they asked for)."""

        def redirect(call: Call) -> Answer:
            location = target.replace("{path}", call.target)
            text = f"Found. Redirecting to {location}".encode()
            return Answer(code, {"Location": location, "Content-Type": "text/plain"}, text)

        return self._on("foreign redirect", where, before=redirect)

    # Marks that the answering code looks at.

    def expired_link(self, **where: Unpack[Where]) -> Fault:
        """Redirect to a signed link whose time is up, or take a good one for that at the CDN."""

        def refuse(call: Call) -> Answer | None:
            return Refusal(403, "Request has expired").answer() if call.origin == "cdn" else None

        return self._on("expired link", where, before=refuse, marks={"expired_link"})

    def ignore_range(self, **where: Unpack[Where]) -> Fault:
        """Answer a range request with 200 and the whole file."""
        return self._on("ignore range", where, marks={"ignore_range"})

    # Changes of the true answer.

    def change_etag(self, etag: str | None = None, **where: Unpack[Where]) -> Fault:
        """Give another etag: ``etag``, else one of the same shape; bytes and size stay."""

        def change(_: Call, answer: Answer) -> None:
            for name in ("ETag", "X-Linked-Etag"):
                if (old := answer.headers.get(name)) is not None:
                    answer.headers[name] = etag if etag is not None else _other_etag(old)

        return self._on("change etag", where, after=change)

    def headers(self, headers: Mapping[str, str], **where: Unpack[Where]) -> Fault:
        """Put these headers in the place of the true ones, or beside them: hostile links, sizes."""

        def put(_: Call, answer: Answer) -> None:
            answer.headers |= headers

        return self._on("headers", where, after=put)

    def truncate(self, after: int = 0, **where: Unpack[Where]) -> Fault:
        """Send a body of ``after`` bytes and claim that this is all there is."""

        def shorten(_: Call, answer: Answer) -> None:
            body = answer.body
            if isinstance(body, FileSpan):
                answer.body = FileSpan(body.path, body.start, min(after, body.count))
            else:
                answer.body = (bytes_of(body) if isinstance(body, Flow) else body)[:after]

        return self._on("truncate", where, after=shorten)

    def corrupt(self, at: int | None = None, **where: Unpack[Where]) -> Fault:
        """Turn the bits of one byte of the body: number ``at``, or a random one."""

        def turn(_: Call, answer: Answer) -> None:
            if size := len(answer.body):
                place = int(self._random() * size) if at is None else at
                _delivery(answer).flip = place

        return self._on("corrupt", where, after=turn)

    def bandwidth(self, bytes_per_second: float, **where: Unpack[Where]) -> Fault:
        """Send bodies no faster than this."""

        def slow(_: Call, answer: Answer) -> None:
            _delivery(answer).rate = bytes_per_second

        return self._on("bandwidth", where, after=slow)

    def cut(self, after: int | None = None, **where: Unpack[Where]) -> Fault:
        """Close the connection after ``after`` bytes of the body, or a random number of them."""
        return self._on("cut", where, after=self._ending("close", after))

    def reset(self, after: int | None = None, **where: Unpack[Where]) -> Fault:
        """As :meth:`cut`, by a RST: what was sent just before may be lost too."""
        return self._on("reset", where, after=self._ending("reset", after))

    def stall(
        self, seconds: float = 3600.0, *, after: int | None = 0, **where: Unpack[Where]
    ) -> Fault:
        """Send nothing for ``seconds`` after ``after`` bytes of the body, then the rest."""
        return self._on("stall", where, after=self._ending("stall", after, seconds))

    def _ending(
        self, ending: Literal["close", "reset", "stall"], after: int | None, seconds: float = 0.0
    ) -> Callable[[Call, Answer], None]:
        def end(_: Call, answer: Answer) -> None:
            delivery = _delivery(answer)
            size = len(answer.body)
            delivery.stop_after = int(self._random() * size) if after is None else after
            delivery.ending = ending
            delivery.stall = seconds

        return end

    def _on(
        self,
        name: str,
        where: Where,
        *,
        before: Callable[[Call], Answer | None] | None = None,
        after: Callable[[Call, Answer], None] | None = None,
        marks: set[str] | None = None,
    ) -> Fault:
        fault = Fault(name, self, where, before=before, after=after, marks=frozenset(marks or ()))
        with self._guard:
            self._active.append(fault)
        return fault

    def _random(self) -> float:
        with self._guard:
            return self._rng.random()


def bucket_of(call: Call) -> Literal["api", "resolvers"]:
    """Which rate limit a call counts for."""
    path = call.raw_path
    is_api = path.startswith("/api/") and not path.startswith("/api/resolve-cache/")
    return "api" if is_api else "resolvers"


def _delivery(answer: Answer) -> Delivery:
    if answer.delivery is None:
        answer.delivery = Delivery()
    return answer.delivery


def _other_etag(etag: str) -> str:
    """An etag of the same shape: each hex digit moved on by one."""
    digits = "0123456789abcdef"
    return "".join(digits[(digits.index(c) + 1) % 16] if c in digits else c for c in etag)
