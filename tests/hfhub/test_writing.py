"""Names for writing say that they are not there yet, rather than break an import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import huggingface_hub
import pytest

import hfhub
from hfhub.writing import WRITING

# What the official client has on its objects only, or had until its version 2.
NOT_AT_THE_TOP = {"delete_files", "hide_discussion_comment", "upload_large_folder"}


@pytest.mark.parametrize("name", sorted(WRITING))
def test_a_call_that_writes_can_be_imported_and_names_itself(name: str) -> None:
    call = getattr(hfhub, name)
    assert call.__name__ == name
    assert name in (inspect.getdoc(call) or "")
    with pytest.raises(NotImplementedError, match=f"^{name} is not there yet"):
        call("owner/name", private=True)


def test_every_name_is_one_of_the_official_client() -> None:
    assert {name for name in WRITING if not hasattr(huggingface_hub, name)} <= NOT_AT_THE_TOP


def test_they_are_not_among_the_public_names() -> None:
    assert not WRITING & set(hfhub.__all__)


def test_a_misspelt_name_stays_an_import_error() -> None:
    with pytest.raises(ImportError):
        from hfhub import create_repoo  # noqa: F401


def test_a_download_does_not_load_them() -> None:
    code = "import sys, hfhub; hfhub.hf_hub_download; print('hfhub.writing' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
