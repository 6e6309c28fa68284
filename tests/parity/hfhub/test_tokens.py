"""The token files: what one client writes, the other reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hfhub import auth, settings, signin
from hfhub.local_hub import LocalHub
from hfhub.stored_tokens import get_stored_tokens, store_token

if TYPE_CHECKING:
    from collections.abc import Iterator

PEER = """
import json, sys
import huggingface_hub as hub
from huggingface_hub.utils import get_stored_tokens
{body}
print(json.dumps([hub.get_token(), get_stored_tokens()]))
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with LocalHub(tokens={"hf_ann_token_1234": "ann", "hf_bob_token_5678": "bob"}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        settings.reload()
        yield hub


def run_peer(hub: LocalHub, home: Path, body: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-c", PEER.format(body=body)],
        env=hub.env(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_peer_is_logged_in_where_we_logged_in(hub: LocalHub) -> None:
    home = settings.current().home
    store_token(settings.current(), "other [x] %", "hf_bob_token_5678")
    signin.login("hf_ann_token_1234")
    assert run_peer(hub, home) == [auth.get_token(), get_stored_tokens()]


def test_we_are_logged_in_where_the_peer_logged_in(hub: LocalHub) -> None:
    home = settings.current().home
    peer = run_peer(hub, home, 'hub.login("hf_ann_token_1234")')
    assert peer == [auth.get_token(), get_stored_tokens()]
    assert auth.get_token() == "hf_ann_token_1234"


def test_what_only_the_peer_keeps_with_a_token_survives_us(hub: LocalHub) -> None:
    home = settings.current().home
    home.mkdir()
    path = home / "stored_tokens"
    path.write_text("[oauth-ann]\nhf_token = hf_a\nrefresh_token = r1\nexpires_at = 9999999999\n")
    signin.login("hf_bob_token_5678")
    assert "refresh_token = r1" in path.read_text()
    assert run_peer(hub, home)[1] == {"local": "hf_bob_token_5678", "oauth-ann": "hf_a"}
