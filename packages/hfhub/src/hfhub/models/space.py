"""How a Space runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from hfhub.models.record import Draft, Record

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SpaceRuntime(Record):
    """How a Space runs now.

    Attributes:
        stage: such as ``RUNNING``.
        hardware: what it runs on.
        requested_hardware: what was asked for.
        sleep_time: idle seconds until it is put to sleep.
        storage: its persistent storage.
        dev_mode: whether it is open for development.
        hot_reloading: as the Hub gives it.
        volumes: what is mounted, as the Hub gives it.
        raw: all that the Hub said.
    """

    stage: str
    hardware: str | None = None
    requested_hardware: str | None = None
    sleep_time: int | None = None
    storage: str | None = None
    dev_mode: bool = False
    hot_reloading: Any = None
    volumes: list[Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        hardware = Draft(draft.table("hardware") or {})
        return cls(
            draft.text("stage") or "",
            hardware.text("current"),
            hardware.text("requested"),
            draft.number("gcTimeout"),
            draft.text("storage"),
            draft.flag("devMode") or False,
            draft.any("hotReloading"),
            draft.any("volumes"),
            data,
            draft.rest,
        )
