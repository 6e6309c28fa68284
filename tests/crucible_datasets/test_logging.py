"""How much the library says."""

from __future__ import annotations

import logging

import pytest

from crucible_datasets import logging as ours


@pytest.fixture(autouse=True)
def restored():
    root = logging.getLogger("crucible_datasets")
    before = root.level, root.propagate
    yield
    root.level, root.propagate = before


def test_errors_only_keeps_warnings_quiet(caplog) -> None:
    ours.set_verbosity_error()
    ours.get_logger("crucible_datasets.load").warning("quiet")
    ours.get_logger("crucible_datasets.load").error("loud")
    assert caplog.messages == ["loud"]
    assert ours.get_verbosity() == ours.ERROR


def test_without_propagation_the_programs_handlers_hear_nothing(caplog) -> None:
    ours.disable_propagation()
    ours.get_logger().error("to nobody")
    assert caplog.messages == []
