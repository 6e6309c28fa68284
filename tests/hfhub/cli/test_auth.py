from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hfhub import auth

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any
ANN = "hf_annannannann"


def test_login_list_whoami_logout(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("auth", "whoami").code == 4
    assert hfhub("auth", "login", "--token", ANN).code == 0
    assert auth.get_token() == ANN
    assert hfhub("auth", "whoami").lines[0].split() == ["user:", "ann"]
    assert hfhub("auth", "whoami", "--json").json["name"] == "ann"
    (saved,) = hfhub("auth", "list", "--json").json
    assert saved["active"] is True
    assert ANN not in hfhub("auth", "list").out
    assert hfhub("auth", "logout").code == 0
    assert auth.get_token() is None


def test_a_token_that_the_hub_refuses_is_not_saved(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("auth", "login", "--token", "hf_wrong").code == 4
    assert auth.get_token() is None


def test_switch(hfhub: Hfhub, hub: LocalHub) -> None:
    hfhub("auth", "login", "--token", ANN)
    (saved,) = hfhub("auth", "list", "--json").json
    assert hfhub("auth", "switch", saved["name"]).code == 0
    assert hfhub("auth", "switch", "nobody").code == 2
    assert hfhub("auth", "logout", "nobody").code == 2
    assert hfhub("auth", "logout", saved["name"]).out == f"forgot {saved['name']}\n"


@pytest.mark.parametrize("words", [("login",), ("login", "--force")])
def test_without_a_terminal_login_needs_a_token(
    words: tuple[str, ...], hfhub: Hfhub, hub: LocalHub
) -> None:
    ran = hfhub("auth", *words)
    assert ran.code == 4
    assert "no terminal" in ran.err
