"""Settings: the environment, the user's file, the defaults."""

from __future__ import annotations

import pickle
from pathlib import Path

import platformdirs
import pytest

from hfhub import settings
from hfhub.config_file import KEYS, ConfigFileError, config_path, read_config
from hfhub.settings import Settings


def write(text: str) -> Path:
    path = Path(config_path({"XDG_CONFIG_HOME": platformdirs.user_config_dir()}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_defaults_are_the_peers() -> None:
    made = Settings.from_env({"HOME": "/home/ann"})
    assert made.endpoint == "https://huggingface.co"
    assert made.cache_dir == made.home / "hub"
    assert made.token_path == made.home / "token"
    assert (made.etag_timeout, made.download_timeout, made.offline) == (10, 10, False)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HF_HUB_CACHE": "/a", "HUGGINGFACE_HUB_CACHE": "/b", "HF_HOME": "/c"}, "/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/b", "HF_HOME": "/c"}, "/b"),
        ({"HF_HOME": "/c", "XDG_CACHE_HOME": "/d"}, "/c/hub"),
        ({"XDG_CACHE_HOME": "/d"}, "/d/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_first_variable_says(variables, folder: str) -> None:
    assert str(Settings.from_env(variables).cache_dir) == folder


def test_every_other_variable_is_read() -> None:
    made = Settings.from_env(
        {
            "HF_ENDPOINT": "http://mirror/",
            "HF_HUB_OFFLINE": "yes",
            "HF_HUB_ETAG_TIMEOUT": "3",
            "HF_HUB_DOWNLOAD_TIMEOUT": "4.5",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            "HF_HUB_DISABLE_SYMLINKS": "true",
            "HF_HUB_DISABLE_PROGRESS_BARS": "0",
            "DO_NOT_TRACK": "1",
            "HF_HUB_USER_AGENT_ORIGIN": "ci",
            "HFHUB_CACHE_MAX_SIZE": "50GB",
            "all_proxy": "http://p:1",
            "HTTP_PROXY": "http://q:1",
            "no_proxy": "x",
            "SSL_CERT_FILE": "/ca.pem",
        }
    )
    assert made.endpoint == "http://mirror"
    assert made.offline
    assert (made.etag_timeout, made.download_timeout) == (3, 4.5)
    assert not made.implicit_token
    assert not made.symlinks
    assert made.progress_bars is True
    assert not made.telemetry
    assert (made.user_agent_origin, made.cache_max_size) == ("ci", "50GB")
    assert (made.http_proxy, made.https_proxy) == ("http://q:1", "http://p:1")
    assert (made.no_proxy, made.ca_bundle) == ("x", "/ca.pem")


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="HF_HUB_ETAG_TIMEOUT='soon' is not a number"):
        Settings.from_env({"HF_HUB_ETAG_TIMEOUT": "soon"})


@pytest.mark.parametrize("text", ["-1", "0", "nan", "inf"])
@pytest.mark.parametrize("name", ["HF_HUB_ETAG_TIMEOUT", "HFHUB_ATTEMPTS", "HFHUB_DEADLINE"])
def test_a_number_that_nothing_can_wait_for_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"{name}='{text}' is not a number from 0"):
        Settings.from_env({name: text})


def test_blanks_around_the_endpoint_are_no_part_of_it() -> None:
    assert Settings.from_env({"HF_ENDPOINT": " https://mirror/ "}).endpoint == "https://mirror"


@pytest.mark.parametrize("endpoint", ["mirror", "ftp://mirror", "https://ann:pw@mirror"])
def test_an_endpoint_that_can_not_be_asked_is_refused_by_name(endpoint: str) -> None:
    with pytest.raises(ValueError, match="HF_ENDPOINT") as caught:
        Settings.from_env({"HF_ENDPOINT": endpoint})
    assert "pw" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    made = Settings.from_env({"HF_TOKEN": "hf_secret", "HTTP_PROXY": "http://me:pw@p"})
    assert "hf_secret" not in repr(made)
    assert "pw" not in repr(made)


def test_settings_survive_pickling() -> None:
    made = Settings.from_env({"HF_ENDPOINT": "http://mirror", "HF_HUB_OFFLINE": "1"})
    assert pickle.loads(pickle.dumps(made)) == made


def test_the_file_lies_where_platformdirs_says(monkeypatch, tmp_path: Path) -> None:
    import os

    for home in (str(tmp_path), " ", ""):
        monkeypatch.setenv("XDG_CONFIG_HOME", home)
        expected = Path(platformdirs.user_config_dir("hfhub")) / "settings.toml"
        assert Path(config_path(os.environ)) == expected


def test_the_file_says_what_the_environment_does_not(monkeypatch) -> None:
    write('endpoint = "http://mirror"\ncache_max_size = "50GB"\noffline = true\nattempts = 2\n')
    monkeypatch.setenv("HFHUB_CACHE_MAX_SIZE", "1GB")
    monkeypatch.delenv("HF_ENDPOINT")
    made = settings.reload()
    assert (made.endpoint, made.cache_max_size) == ("http://mirror", "1GB")
    assert (made.offline, made.attempts) == (True, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("endpoint = ", "not TOML"),
        ('token = "hf_x"', "'token' is not a setting"),
        ("endpoint = [1]", "'endpoint' is to be text"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_the_file(text: str, words: str) -> None:
    path = write(text)
    with pytest.raises(ConfigFileError, match=words) as caught:
        settings.reload()
    assert str(path) in str(caught.value)
    assert "cache_max_size" in str(caught.value)
    path.unlink()


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_config(str(tmp_path / "none")) == {}


def test_every_key_of_the_file_stands_for_a_variable_that_is_read(tmp_path: Path) -> None:
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, key, default=None):
            asked.add(key)
            return super().get(key, default)

    Settings.from_env(Watched())
    assert set(KEYS.values()) <= asked


def test_arguments_of_one_call_are_laid_over() -> None:
    made = Settings.from_env({})
    assert made.override() is made
    changed = made.override(endpoint="http://x/", cache_dir="~/c", offline=True, etag_timeout=1)
    assert (changed.endpoint, changed.offline, changed.etag_timeout) == ("http://x", True, 1)
    assert changed.cache_dir == Path("~/c").expanduser()


def test_no_secret_is_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Settings.from_env({"HF_TOKEN": "hf_mine", "HTTP_PROXY": "http://ann:mine@proxy:1"})
    pickled = pickle.dumps(made)
    assert b"mine" not in pickled
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    settings.reload()
    assert pickle.loads(pickled).env_token == "hf_other"
