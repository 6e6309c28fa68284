"""Which error an answer becomes."""

from __future__ import annotations

import pytest

from hfhub import errors
from hfhub.http import Headers, Request, Response, hf_raise_for_status

REPO = "https://huggingface.co/api/datasets/o/d"
BAD_TOKEN = "Invalid credentials in Authorization header"


def response(status: int, *, body: str = "", url: str = REPO, **headers: str) -> Response:
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(Request("GET", url), status, Headers(lines), content=body.encode())


@pytest.mark.parametrize(
    ("status", "headers", "url", "kind"),
    [
        (404, {"x_error_code": "RepoNotFound"}, REPO, errors.RepositoryNotFoundError),
        (404, {"x_error_code": "RevisionNotFound"}, REPO, errors.RevisionNotFoundError),
        (404, {"x_error_code": "EntryNotFound"}, REPO, errors.RemoteEntryNotFoundError),
        (403, {"x_error_code": "GatedRepo"}, REPO, errors.GatedRepoError),
        (401, {"x_error_code": "GatedRepo"}, REPO, errors.GatedRepoError),
        (401, {}, REPO, errors.RepositoryNotFoundError),
        (401, {}, "http://mirror/o/d/resolve/main/x", errors.RepositoryNotFoundError),
        (401, {}, "https://huggingface.co/api/whoami-v2", errors.HfHubHTTPError),
        (401, {"x_error_message": BAD_TOKEN}, REPO, errors.HfHubHTTPError),
        (
            403,
            {"x_error_message": "Access to this resource is disabled."},
            REPO,
            errors.DisabledRepoError,
        ),
        (403, {}, REPO, errors.HfHubHTTPError),
        (400, {}, REPO, errors.BadRequestError),
        (404, {}, REPO, errors.HfHubHTTPError),
        (416, {}, REPO, errors.HfHubHTTPError),
        (429, {}, REPO, errors.TooManyRequestsError),
        (500, {}, REPO, errors.HfHubHTTPError),
    ],
)
def test_status_and_error_code_choose_the_class(status, headers, url, kind) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(status, url=url, **headers))
    assert type(caught.value) is kind
    assert isinstance(caught.value, OSError)


@pytest.mark.parametrize("status", [200, 206, 302, 304])
def test_successes_and_redirects_pass(status: int) -> None:
    hf_raise_for_status(response(status))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("x_request_id", "Request ID: id-1"),
        ("x_amzn_trace_id", "Amzn Trace ID: id-1"),
        ("x_amz_cf_id", "Amz CF ID: id-1"),
    ],
)
def test_the_request_id_is_in_the_text(header: str, words: str) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(500, **{header: "id-1"}))
    assert words in str(caught.value).splitlines()[0]
    assert caught.value.request_id == "id-1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "one"}', "one"),
        ('{"error": ["one", "two"]}', "one\ntwo"),
        ('{"errors": [{"message": "one"}, {"message": "two"}]}', "one\ntwo"),
        ('{"error": "invalid_grant", "error_description": "old"}', "invalid_grant: old"),
        ('{"error_description": "old"}', "old"),
        ("plain words", "plain words"),
        ('[{"odd": 1}]', None),
        ('{"errors": "odd"}', None),
        ('{"error": {"odd": 1}}', "{'odd': 1}"),
        ("", None),
    ],
)
def test_what_the_server_said_is_kept(body: str, said: str | None) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(500, body=body))
    assert caught.value.server_message == said
    assert said is None or said in str(caught.value)


def test_a_web_page_is_not_quoted() -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(502, body="<html>x</html>", content_type="text/html"))
    assert caught.value.server_message is None


def test_a_signature_in_a_url_is_not_shown() -> None:
    signed = "https://cdn.example/file?Expires=1&Signature=abcdef"
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(403, url=signed))
    assert "abcdef" not in str(caught.value)
    assert "https://cdn.example/file" in str(caught.value)


def test_the_endpoint_name_is_in_a_bad_request() -> None:
    with pytest.raises(errors.BadRequestError, match="Bad request for preupload endpoint"):
        hf_raise_for_status(response(400), endpoint_name="preupload")


def test_what_the_server_said_can_not_drive_a_terminal() -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response(404, body="\x1b[2Jgone\r\nfor\tgood"))
    assert "\x1b" not in str(caught.value)
    assert caught.value.server_message == "?[2Jgone\nfor\tgood"
