"""Logging in and out, and which token is used."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from hfhub import auth, errors, settings, signin
from hfhub.api import HfApi, whoami
from hfhub.local_hub import LocalHub
from hfhub.stored_tokens import get_stored_tokens, masked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    tokens = {"hf_ann_token_1234": "ann", "hf_bob_token_5678": "bob"}
    with LocalHub(tokens=tokens) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        settings.reload()
        yield hub


@pytest.fixture
def home() -> Path:
    return settings.current().home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_token_that_the_hub_accepts_is_saved_for_its_owner_only(home: Path) -> None:
    signin.login("hf_ann_token_1234")
    assert auth.get_token() == "hf_ann_token_1234"
    assert (home / "token").read_text() == "hf_ann_token_1234"
    assert mode(home / "token") == mode(home / "stored_tokens") == 0o600
    assert sorted(path.name for path in home.iterdir()) == ["stored_tokens", "token"]


def test_a_token_that_the_hub_refuses_is_not_saved(home: Path) -> None:
    with pytest.raises(errors.HfHubHTTPError):
        signin.login("hf_wrong")
    assert auth.get_token() is None
    assert not home.exists()


def test_an_organisations_token_is_refused_without_asking(hub: LocalHub) -> None:
    with pytest.raises(ValueError, match="organisation"):
        signin.login("api_org_1")
    assert hub.requests == []


def test_without_a_terminal_a_token_must_be_given() -> None:
    with pytest.raises(errors.LocalTokenNotFoundError, match="login\\(token="):
        signin.login()


def test_who_is_logged_in_is_not_asked_again(hub: LocalHub) -> None:
    signin.login("hf_ann_token_1234")
    hub.clear_requests()
    signin.login()
    signin.interpreter_login()
    signin.notebook_login()
    assert hub.requests == []


def test_the_last_login_is_the_one_in_use_at_once() -> None:
    api = HfApi()
    signin.login("hf_ann_token_1234")
    assert api.whoami()["name"] == "ann"
    signin.login("hf_bob_token_5678")
    assert api.whoami()["name"] == "bob"
    assert whoami()["name"] == "bob"


def test_one_can_switch_between_tokens(hub: LocalHub, home: Path) -> None:
    from hfhub.stored_tokens import store_token

    store_token(settings.current(), "first", "hf_ann_token_1234")
    store_token(settings.current(), "second", "hf_bob_token_5678")
    signin.auth_switch("second")
    assert auth.get_token() == "hf_bob_token_5678"
    assert list(signin.list_tokens()) == [
        ("first", "hf_****1234", False),
        ("second", "hf_****5678", True),
    ]
    with pytest.raises(ValueError, match="first, second"):
        signin.auth_switch("third")


def test_the_listing_shows_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    signin.auth_list()
    signin.login("hf_ann_token_1234")
    signin.auth_list()
    printed = capsys.readouterr().out
    assert "hfhub auth login" in printed
    assert "* local  hf_****1234" in printed
    assert "hf_ann_token" not in printed


def test_logging_out_forgets_everything(home: Path) -> None:
    signin.login("hf_ann_token_1234")
    signin.logout()
    assert auth.get_token() is None
    assert get_stored_tokens() == {}
    assert list(home.iterdir()) == []


def test_logging_out_of_one_token_keeps_the_others() -> None:
    from hfhub.stored_tokens import store_token

    store_token(settings.current(), "other", "hf_bob_token_5678")
    signin.login("hf_ann_token_1234")
    signin.logout("other")
    assert auth.get_token() == "hf_ann_token_1234"
    signin.logout("local")
    assert auth.get_token() is None


def test_logging_out_says_when_the_environment_still_holds_a_token(monkeypatch) -> None:
    signin.login("hf_ann_token_1234")
    monkeypatch.setenv("HF_TOKEN", "hf_bob_token_5678")
    settings.reload()
    with pytest.raises(OSError, match="HF_TOKEN"):
        signin.logout()


def test_a_damaged_file_is_not_overwritten_and_not_quoted(home: Path) -> None:
    home.mkdir()
    (home / "stored_tokens").write_text("hf_ann_token_1234 no section")
    with pytest.raises(ValueError, match="not a file of tokens") as caught:
        signin.login("hf_ann_token_1234")
    assert "hf_ann_token" not in str(caught.value)
    assert (home / "stored_tokens").read_text() == "hf_ann_token_1234 no section"


@pytest.mark.parametrize(
    ("variables", "token"),
    [
        ({"HF_TOKEN": "hf_a", "HUGGING_FACE_HUB_TOKEN": "hf_b"}, "hf_a"),
        ({"HUGGING_FACE_HUB_TOKEN": "hf_b"}, "hf_b"),
        ({"HF_TOKEN": " hf_a\r\n"}, "hf_a"),
        ({"HF_TOKEN": ""}, "hf_file"),
        ({}, "hf_file"),
    ],
)
def test_the_environment_comes_before_the_file(monkeypatch, home, variables, token) -> None:
    home.mkdir()
    (home / "token").write_text("hf_file\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.reload()
    assert auth.get_token() == token
    assert auth.get_token_to_send("hf_given") == "hf_given"
    assert auth.get_token_to_send(False) is None


def test_the_token_file_can_lie_elsewhere(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "my" / "secret"))
    settings.reload()
    signin.login("hf_ann_token_1234")
    assert (tmp_path / "my" / "secret").read_text() == "hf_ann_token_1234"
    assert (tmp_path / "my" / "stored_tokens").exists()


@pytest.mark.parametrize("token", ["", "hf_short", "hf_12345678"])
def test_a_short_token_is_hidden_whole(token: str) -> None:
    assert masked(token) == "****"


@pytest.mark.parametrize(("end", "token"), [(1, None), (9_999_999_999, "hf_oauth")])
def test_a_token_whose_time_is_over_is_not_sent(home, caplog, end: int, token: str | None) -> None:
    home.mkdir()
    (home / "token").write_text("hf_oauth")
    (home / "stored_tokens").write_text(
        f"[browser]\nhf_token = hf_oauth\nrefresh_token = r\nexpires_at = {end}\n"
    )
    assert auth.get_token() == token
    assert auth.get_token() == token
    said = [record.message for record in caplog.records]
    assert len(said) == (token is None)
    assert all("'browser' has expired" in one and "hf_oauth" not in one for one in said)
