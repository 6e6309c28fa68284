from __future__ import annotations

import urllib.request

from hfhub import settings
from hfhub.local_hub import LocalHub


def test_the_fixture_points_hfhub_at_the_hub(local_hub: LocalHub) -> None:
    assert settings.current().endpoint == local_hub.endpoint


def test_without_the_fixture_nothing_can_be_reached() -> None:
    assert settings.current().endpoint == "http://127.0.0.1:9"


def test_the_hub_of_the_fixture_answers(local_hub: LocalHub) -> None:
    local_hub.add("owner/name", {"a.txt": "one"})
    url = f"{local_hub.endpoint}/datasets/owner/name/resolve/main/a.txt"
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"one"
