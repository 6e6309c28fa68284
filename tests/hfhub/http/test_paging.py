"""Listings of many pages."""

from __future__ import annotations

import pytest
from rawserver import answer

from hfhub import errors
from hfhub.http import PagingError


def page(items: str, link: str | None = None) -> bytes:
    return answer(200, items, *([] if link is None else [f"Link: {link}"]))


def test_pages_follow_each_other(serve, client_of) -> None:
    server = serve([page("[1, 2]", '</api/x?cursor=a>; rel="next"'), page("[3]")])
    assert list(client_of(server).paginate("api/x", params={"limit": 2})) == [1, 2, 3]
    assert [asked.target for asked in server.asked] == ["/api/x?limit=2", "/api/x?cursor=a"]


def test_a_page_is_asked_for_only_when_it_is_consumed(serve, client_of) -> None:
    server = serve(page("[1, 2]", '</api/x?cursor=a>; rel="next"'))
    assert next(iter(client_of(server).paginate("api/x"))) == 1
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "link",
    [
        '</y>; rel="next"',
        "</y>; rel=next",
        '</y>;rel="next"; title="a, b"',
        '</prev>; rel="prev", </y>; rel="next"',
        '</y>; title="x"; REL="last next"',
    ],
)
def test_links_are_read_in_every_spelling(serve, client_of, link: str) -> None:
    server = serve([page("[1]", link), page("[2]")])
    assert list(client_of(server).paginate("x")) == [1, 2]
    assert server.asked[1].target == "/y"


@pytest.mark.parametrize("link", ['</y>; rel="prev"', "</y>", "garbage", '</y>; rel="nextish"'])
def test_other_links_are_not_the_next_page(serve, client_of, link: str) -> None:
    assert list(client_of(serve(page("[1]", link))).paginate("x")) == [1]


def test_a_next_page_elsewhere_is_refused(serve, client_of) -> None:
    other = serve(page("[2]"))
    server = serve(page("[1]", f'<{other.url}/y>; rel="next"'))
    with pytest.raises(PagingError, match="another origin"):
        list(client_of(server).paginate("x"))
    assert other.asked == []


def test_a_next_page_that_is_no_url_is_refused(serve, client_of) -> None:
    with pytest.raises(PagingError):
        list(client_of(serve(page("[1]", '<http://[>; rel="next"'))).paginate("x"))


def test_a_circle_of_pages_is_refused(serve, client_of) -> None:
    server = serve(page("[1]", '</x>; rel="next"'))
    with pytest.raises(PagingError, match="circle"):
        list(client_of(server).paginate("x"))
    assert len(server.asked) == 1


def test_a_page_that_is_no_list_is_refused(serve, client_of) -> None:
    with pytest.raises(errors.HubConnectionError, match="a list was expected, not an object"):
        list(client_of(serve(page("{}"))).paginate("x"))
