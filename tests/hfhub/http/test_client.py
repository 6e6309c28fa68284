"""Requests as they go over the wire, and what is made of the answers."""

from __future__ import annotations

import pickle
import threading
import time

import pytest
from rawserver import Say, answer

from hfhub import errors
from hfhub.http import Client, RequestLog, observe
from hfhub.settings import Settings


def test_json_is_asked_for_at_the_endpoint_with_the_token(serve, client_of) -> None:
    server = serve(answer(200, '{"a": 1}'))
    assert client_of(server).get_json("api/models/x", params={"full": True}) == {"a": 1}
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("GET", "/api/models/x?full=true")
    assert asked.headers["authorization"] == "Bearer hf_secret"
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert asked.headers["accept-encoding"] == "identity"


def test_no_token_is_sent_when_the_caller_forbids_it(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client_of(server, token=False, HF_TOKEN="hf_env").get_json("api/x")
    assert "authorization" not in server.asked[0].headers


def test_the_environment_token_is_sent_when_none_is_given(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client_of(server, token=None, HF_TOKEN="hf_env").get_json("api/x")
    assert server.asked[0].headers["authorization"] == "Bearer hf_env"


def test_the_implicit_token_can_be_switched_off(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client = client_of(server, token=None, HF_TOKEN="hf_env", HF_HUB_DISABLE_IMPLICIT_TOKEN=1)
    client.get_json("api/x")
    assert "authorization" not in server.asked[0].headers


def test_a_required_token_that_is_missing_is_an_error(client_of, tmp_path) -> None:
    client = client_of("http://127.0.0.1:9", token=True, HF_HOME=tmp_path)
    with pytest.raises(errors.LocalTokenNotFoundError, match="hfhub auth login"):
        client.get_json("api/x")


def test_the_token_is_in_no_repr(client_of) -> None:
    client = client_of("http://127.0.0.1:9", HF_TOKEN="hf_secret2")
    assert "hf_secret" not in repr(client) + repr(client.settings)


def test_two_requests_share_a_connection(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client = client_of(server)
    client.get_json("api/x")
    client.get_json("api/y")
    assert server.connections == 1


def test_two_clients_share_a_connection(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client_of(server).get_json("api/x")
    client_of(server, token="hf_other").get_json("api/y")
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_replaced(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client = client_of(server)
    client.get_json("api/x")
    server.hang_up()
    client.get_json("api/y")
    assert server.connections == 2
    assert len(server.asked) == 2


def test_a_connection_that_closes_on_reuse_is_tried_again_at_once(serve, client_of) -> None:
    # The server hangs up exactly when the second request comes: no byte of an answer.
    server = serve([answer(200, "{}"), Say(b"", "close"), answer(200, '{"n": 2}')])
    client = client_of(server, HFHUB_ATTEMPTS=1)
    client.get_json("api/x")
    assert client.get_json("api/y") == {"n": 2}


def test_a_post_on_a_connection_that_closes_is_not_sent_twice(serve, client_of) -> None:
    server = serve([answer(200, "{}"), Say(b"", "close"), answer(200, "{}")])
    client = client_of(server)
    client.get_json("api/x")
    with pytest.raises(errors.HubConnectionError):
        client.request("POST", "api/y", json={"a": 1})
    assert [asked.method for asked in server.asked] == ["GET", "POST"]


def test_a_post_that_only_reads_may_be_sent_twice(serve, client_of) -> None:
    server = serve([Say(b"", "close"), answer(200, "{}")])
    client_of(server).request("POST", "api/y", json={"a": 1}, repeatable=True)
    assert [asked.body for asked in server.asked] == [b'{"a":1}', b'{"a":1}']


def test_connection_close_is_honoured(serve, client_of) -> None:
    server = serve(Say(answer(200, "{}", "Connection: close"), "close"))
    client = client_of(server)
    client.get_json("api/x")
    client.get_json("api/x")
    assert server.connections == 2


def test_many_threads_get_their_own_answers(serve, client_of) -> None:
    server = serve(lambda asked: answer(200, f'"{asked.target}"'))
    client = client_of(server)
    wrong: list[str] = []

    def work(name: int) -> None:
        targets = [f"/api/{name}/{turn}" for turn in range(20)]
        wrong.extend(target for target in targets if client.get_json(target) != target)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert server.connections <= 8


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again(serve, client_of, status: int) -> None:
    server = serve([answer(status, "later"), answer(200, "{}")])
    assert client_of(server).get_json("api/x") == {}
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 416, 501])
def test_what_does_not_pass_is_not_tried_again(serve, client_of, status: int) -> None:
    server = serve(answer(status, "no"))
    with pytest.raises(errors.HfHubHTTPError):
        client_of(server).get_json("api/x")
    assert len(server.asked) == 1


def test_trying_again_ends_with_the_last_error(serve, client_of) -> None:
    server = serve(answer(503, "down"))
    with pytest.raises(errors.HfHubHTTPError, match="503") as caught:
        client_of(server, HFHUB_ATTEMPTS=2).get_json("api/x")
    assert len(server.asked) == 2
    assert caught.value.server_message == "down"


def test_retry_false_means_one_attempt(serve, client_of) -> None:
    server = serve(answer(503))
    with pytest.raises(errors.HfHubHTTPError):
        client_of(server).request("GET", "api/x", retry=False)
    assert len(server.asked) == 1


def test_a_post_is_tried_again_only_if_the_server_did_nothing(serve, client_of) -> None:
    server = serve([answer(503), answer(200, "{}")])
    client_of(server).request("POST", "api/x", json={})
    assert len(server.asked) == 2
    server = serve([answer(500), answer(200, "{}")])
    with pytest.raises(errors.HfHubHTTPError):
        client_of(server).request("POST", "api/x", json={})


def test_a_rate_limit_beyond_the_deadline_is_an_error_at_once(serve, client_of) -> None:
    policy = 'RateLimit-Policy: "w";q=500;w=300'
    server = serve(answer(429, "", 'RateLimit: "api";r=0;t=300', policy))
    with pytest.raises(errors.TooManyRequestsError, match="300 seconds") as caught:
        client_of(server).get_json("api/x")
    assert len(server.asked) == 1
    assert "500 in 300 s" in str(caught.value)


def test_a_rate_limit_is_waited_for(serve, client_of) -> None:
    times: list[float] = []

    def respond(_: object) -> bytes:
        times.append(time.monotonic())
        return answer(429, "", "Retry-After: 1") if len(times) == 1 else answer(200, "{}")

    client_of(serve(respond)).get_json("api/x")
    assert times[1] - times[0] >= 1


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (Say(b"", "close"), "without an answer"),
        (Say(b"HTTP/1.1 200 OK\r\nContent-Le", "close"), "inside its head"),
        (Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "close"), "3 of 10 bytes"),
        (Say(b"", "reset"), "reset"),
        (Say(b"SSH-2.0-OpenSSH\r\n\r\n", "close"), "not HTTP/1"),
        (Say(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "close"), "malformed header"),
        (Say(answer(200, "x", "Content-Length: 1, 2"), "close"), "Content-Length"),
        (Say(answer(200, "x", "Content-Length: -1"), "close"), "Content-Length"),
        (Say(answer(200, "zz\r\n", "Transfer-Encoding: chunked"), "close"), "chunk size"),
        (Say(answer(200, "5\r\nab", "Transfer-Encoding: chunked"), "close"), "chunked body"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_answer_is_tried_again_and_then_named(serve, client_of, broken, words) -> None:
    server = serve(broken)
    with pytest.raises(errors.HubConnectionError, match=words) as caught:
        client_of(server, HFHUB_ATTEMPTS=2).get_json("api/x")
    assert len(server.asked) == 2
    assert caught.value.attempts == 2
    assert isinstance(caught.value, ConnectionError)


def test_an_answer_that_was_broken_once_is_got_in_the_end(serve, client_of) -> None:
    cut = Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "close")
    server = serve([cut, answer(200, "{}")])
    assert client_of(server).get_json("api/x") == {}


def test_nobody_listening_is_a_connection_error(client_of) -> None:
    with pytest.raises(errors.HubConnectionError, match="refused"):
        client_of("http://127.0.0.1:9", HFHUB_ATTEMPTS=1).get_json("api/x")


def test_a_stalled_head_is_a_timeout(serve, client_of) -> None:
    client = client_of(serve(Say(b"HTTP/1.1 200", "hold")), HFHUB_ATTEMPTS=1)
    with pytest.raises(errors.HubTimeoutError):
        client.request("GET", "api/x", timeout=0.2)


def test_a_stalled_body_is_a_timeout(serve, client_of) -> None:
    stalled = Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "hold")
    client = client_of(serve(stalled), HF_HUB_DOWNLOAD_TIMEOUT=0.2, HFHUB_ATTEMPTS=1)
    with pytest.raises(errors.HubTimeoutError), client.stream("GET", "api/x") as response:
        response.read()


def test_offline_opens_no_socket(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    with pytest.raises(errors.OfflineModeIsEnabled):
        client_of(server, HF_HUB_OFFLINE=1).get_json("api/x")
    assert server.connections == 0


def test_an_answer_that_is_not_json_says_so(serve, client_of) -> None:
    with pytest.raises(errors.HubConnectionError, match="is it a Hub"):
        client_of(serve(answer(200, "<html>Welcome to the hotel</html>"))).get_json("api/x")


def test_an_answer_that_says_it_is_larger_than_memory_is_not_read(serve, client_of) -> None:
    server = serve(Say(answer(200, b"[", f"Content-Length: {1 << 40}"), "hold"))
    with pytest.raises(errors.HubConnectionError, match="is over 268435456 bytes"):
        client_of(server).get_json("api/x")
    assert len(server.asked) == 1


def test_an_answer_without_an_end_is_given_up(serve, client_of) -> None:
    spaces = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    server = serve(Say(answer(200, b"", "Transfer-Encoding: chunked") + spaces * 257, "hold"))
    with pytest.raises(errors.HubConnectionError, match="is over 268435456 bytes"):
        client_of(server).get_json("api/x")
    assert len(server.asked) == 1


def test_chunked_bodies_are_put_together(serve, client_of) -> None:
    body = "3\r\n[1,\r\n4;x=y\r\n 22]\r\n0\r\nTrailer: t\r\n\r\n"
    server = serve(answer(200, body, "Transfer-Encoding: chunked"))
    client = client_of(server)
    assert client.get_json("api/x") == [1, 22]
    assert client.get_json("api/x") == [1, 22]
    assert server.connections == 1


def test_a_body_without_a_length_ends_with_the_connection(serve, client_of) -> None:
    server = serve(Say(b"HTTP/1.1 200 OK\r\n\r\n[1]", "close"))
    assert client_of(server).get_json("api/x") == [1]


def test_interim_answers_are_passed_over(serve, client_of) -> None:
    server = serve(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + answer(200, "[1]"))
    assert client_of(server).get_json("api/x") == [1]


def test_a_head_has_no_body_whatever_it_says(serve, client_of) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    client = client_of(server)
    assert client.request("HEAD", "x").headers.integer("Content-Length") == 1000
    client.request("HEAD", "x")
    assert server.connections == 1


def test_a_gzip_body_that_nobody_asked_for_is_unpacked(serve, client_of) -> None:
    import gzip

    server = serve(answer(200, gzip.compress(b'{"z": 1}'), "Content-Encoding: gzip"))
    assert client_of(server).get_json("api/x") == {"z": 1}


def test_a_stream_is_read_in_pieces_and_gives_its_connection_back(serve, client_of) -> None:
    server = serve(answer(200, b"0123456789"))
    client = client_of(server)
    with client.stream("GET", "x") as response:
        assert response.length == 10
        buffer = bytearray(4)
        assert response.readinto(memoryview(buffer)) == 4
        assert (bytes(buffer), response.read(3), response.read(), response.read()) == (
            b"0123",
            b"456",
            b"789",
            b"",
        )
    client.stream("GET", "x").close()
    assert server.connections == 1


def test_a_stream_that_is_left_early_closes_its_connection(serve, client_of) -> None:
    server = serve(answer(200, b"0123456789"))
    client = client_of(server)
    with client.stream("GET", "x") as response:
        response.read(3)
    with client.stream("GET", "x") as response:
        assert response.read() == b"0123456789"
    assert server.connections == 2


def test_a_stream_that_is_cut_is_an_error_and_never_a_short_read(serve, client_of) -> None:
    server = serve(Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "close"))
    with (
        client_of(server).stream("GET", "x") as response,
        pytest.raises(errors.HubConnectionError, match="3 of 10"),
    ):
        response.read()


def test_statuses_that_are_expected_come_back(serve, client_of) -> None:
    client = client_of(serve(answer(404, "gone", "X-Error-Code: EntryNotFound")))
    assert client.request("GET", "x", ok_statuses=(404,)).text == "gone"
    assert client.stream("GET", "x", ok_statuses=(404,)).status_code == 404


def test_every_request_on_the_wire_is_observed(serve, client_of) -> None:
    server = serve([answer(307, "", "Location: /y"), answer(503), answer(200, "{}")])
    log = RequestLog()
    with observe(log):
        client_of(server).get_json("x")
    assert [status for _, _, status in log.entries] == [307, 503, 200]
    assert log.count == 2
    client_of(server).get_json("x")
    assert len(log.entries) == 3


def test_requests_that_were_not_answered_are_observed_too(client_of) -> None:
    log = RequestLog()
    with observe(log), pytest.raises(errors.HubConnectionError):
        client_of("http://127.0.0.1:9", HFHUB_ATTEMPTS=2).get_json("x")
    assert [status for _, _, status in log.entries] == [None, None]


@pytest.mark.parametrize("target", ["x\r\nEvil: 1", "x\ny"])
def test_a_line_break_in_a_url_is_refused(client_of, target: str) -> None:
    with pytest.raises(errors.HubConnectionError, match="control character"):
        client_of("http://127.0.0.1:9").get_json(target)


def test_a_line_break_in_a_header_is_refused(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    with pytest.raises(ValueError, match="line break"):
        client_of(server).request("GET", "x", headers={"a": "b\r\nEvil: 1"})
    assert server.asked == []


def test_a_path_that_is_not_ascii_is_quoted(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client_of(server).get_json("api/ä b/%20")
    assert server.asked[0].target == "/api/%C3%A4%20b/%20"


def test_errors_survive_pickling_with_their_answer(serve, client_of) -> None:
    server = serve(answer(404, "gone", "X-Error-Code: RevisionNotFound", "X-Request-Id: r1"))
    with pytest.raises(errors.RevisionNotFoundError) as caught:
        client_of(server).get_json("api/models/x")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.response.status_code, copy.request_id, str(copy)) == (404, "r1", str(caught.value))
    assert copy.response.text == "gone"


def test_a_client_may_be_sent_to_another_process(serve, client_of) -> None:
    server = serve(answer(200, "{}"))
    client = client_of(server)
    client.get_json("x")
    pickle.loads(pickle.dumps(client)).get_json("x")
    assert server.asked[1].headers["authorization"] == "Bearer hf_secret"


def test_the_machines_token_does_not_go_with_a_client(serve, client_of) -> None:
    client = client_of(serve(answer(200, "{}")), token=None, HF_TOKEN="hf_env")
    client.get_json("x")
    assert b"hf_env" not in pickle.dumps(client)


def test_the_user_agent_names_the_caller(serve) -> None:
    server = serve(answer(200, "{}"))
    settings = Settings.from_env({"HF_ENDPOINT": server.url, "HF_HUB_USER_AGENT_ORIGIN": "ci"})
    client = Client(settings, library_name="mylib", library_version="1.2", user_agent={"a": "b"})
    client.get_json("x")
    agent = server.asked[0].headers["user-agent"].split("; ")
    assert (agent[0], agent[-2:]) == ("mylib/1.2", ["a/b", "origin/ci"])


def test_a_body_that_drips_ends_with_the_deadline(serve, client_of) -> None:
    def drip(asked):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        return Say(head, "keep", drip=b"1\r\n \r\n")

    client = client_of(serve(drip), HFHUB_DEADLINE=0.5)
    with pytest.raises(errors.HubTimeoutError, match="did not end in time"):
        client.get_json("api/x")


@pytest.mark.parametrize("token", ["hf_sec\nret", "hf_sec ret", "hf_sec\u20acret"])
def test_a_token_that_fits_in_no_header_is_refused_and_not_shown(client_of, token: str) -> None:
    with pytest.raises(errors.HFValidationError, match="token") as caught:
        client_of("http://127.0.0.1:9", token=token).get_json("x")
    assert "hf_sec" not in repr(caught.value) + str(caught.value)
