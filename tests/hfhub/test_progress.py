from __future__ import annotations

import io
import sys

import pytest

from hfhub import progress, settings


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.delenv("HF_HUB_DISABLE_PROGRESS_BARS", raising=False)
    settings.reload()
    progress.enable_progress_bars()
    yield
    monkeypatch.undo()
    settings.reload()
    progress.enable_progress_bars()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bars_are_drawn_on_a_terminal(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress.bar(10, "file.bin") as bar:
        bar.update(10)
    assert "file.bin: 100%" in screen.getvalue()


def test_bars_are_quiet_when_stderr_is_no_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress.bar(10, "file.bin") as bar:
        bar.update(10)
    assert screen.getvalue() == ""


def test_a_missing_stderr_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with progress.bar(10, "file.bin") as bar:
        bar.update(10)


def test_a_switched_off_group_covers_the_groups_below_it():
    progress.disable_progress_bars("a.b")
    assert progress.are_progress_bars_disabled("a.b.c")
    assert not progress.are_progress_bars_disabled("a")
    assert not progress.are_progress_bars_disabled()


def test_switching_a_group_on_forgets_what_was_said_of_the_groups_below_it():
    progress.disable_progress_bars("a.b")
    progress.enable_progress_bars("a")
    assert not progress.are_progress_bars_disabled("a.b")


def test_bars_switched_off_for_a_block_come_back_after_it():
    with progress.disable_progress_bars():
        assert progress.are_progress_bars_disabled("a")
    assert not progress.are_progress_bars_disabled("a")


def test_the_environment_decides_over_the_code(monkeypatch):
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    settings.reload()
    with pytest.warns(UserWarning, match="stay off"):
        progress.enable_progress_bars()
    assert progress.are_progress_bars_disabled()


def test_a_callers_class_draws_although_stderr_is_no_terminal():
    calls: list[float] = []

    class Mine:
        def __init__(self, **options: object) -> None:
            self.total = options["total"]

        def update(self, n: float) -> None:
            calls.append(n)

        def close(self) -> None:
            calls.append(-1)

    with progress.bar(3, "x", tqdm_class=Mine) as bar:
        bar.update(3)
    assert calls == [3, -1]
