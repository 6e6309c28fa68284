"""Answers of the Hub, as records."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfhub import models
from hfhub.models.files import entry_from_api
from hfhub.models.record import parse_datetime

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = [
    "id", "author", "sha", "siblings", "cardData", "lastModified", "createdAt", "gated", "private",
    "tags", "safetensors", "transformersInfo", "config", "downloads", "model-index", "runtime",
    "branches", "tags", "converts", "pullRequests", "authors", "date", "formatted", "title",
]  # fmt: skip
ANSWER = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), JSON, max_size=6)
INFOS = [models.ModelInfo, models.DatasetInfo, models.SpaceInfo]


@given(data=ANSWER, kind=st.sampled_from([*INFOS, models.GitCommitInfo]))
def test_no_answer_is_too_odd_to_be_read(data, kind) -> None:
    record = kind.from_api(data)
    assert isinstance(record, kind)
    assert kind.from_api({}).extra == {}


@given(data=ANSWER)
def test_no_list_of_references_is_too_odd_to_be_read(data) -> None:
    refs = models.GitRefs.from_api(data, with_pull_requests=True)
    assert isinstance(refs.branches, list)


@given(data=JSON | ANSWER)
def test_a_row_of_a_listing_is_read_or_refused_with_a_reason(data) -> None:
    try:
        row = entry_from_api(data)
    except ValueError:
        return
    assert isinstance(row.path, str)


@pytest.mark.parametrize("kind", INFOS)
def test_unknown_fields_are_kept_and_readable(kind) -> None:
    record = kind.from_api({"id": "o/n", "brandNew": {"a": 1}})
    assert record.extra == {"brandNew": {"a": 1}}
    assert record.brandNew == {"a": 1}
    assert record["brandNew"] == {"a": 1}
    assert record.get("missing") is None
    with pytest.raises(AttributeError, match="missing"):
        record.missing  # noqa: B018 - reading is the test
    with pytest.raises(KeyError):
        record["missing"]


@pytest.mark.parametrize("kind", INFOS)
def test_records_are_frozen_and_travel(kind) -> None:
    record = kind.from_api({"id": "o/n", "brandNew": 1, "siblings": [{"rfilename": "a"}]})
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.id = "x"
    assert pickle.loads(pickle.dumps(record)) == record
    assert copy.deepcopy(record).brandNew == 1
    assert dataclasses.asdict(record)["siblings"][0]["rfilename"] == "a"


def test_a_record_reads_by_the_peers_older_names_too() -> None:
    info = models.ModelInfo.from_api(
        {"id": "o/n", "lastModified": "2024-05-01T10:00:00.000Z", "cardData": {"license": "mit"}}
    )
    assert info.lastModified == info.last_modified == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert info.cardData.license == "mit"


def test_odd_card_data_does_not_hide_the_rest() -> None:
    info = models.ModelInfo.from_api({"id": "o/n", "cardData": {"model-index": "nonsense", "a": 1}})
    assert info.card_data is not None
    assert info.card_data["a"] == 1
    assert models.DatasetInfo.from_api({"id": "x", "cardData": ["odd"]}).card_data is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-08-19T07:19:38.123Z", datetime(2022, 8, 19, 7, 19, 38, 123000, UTC)),
        ("2022-08-19T07:19:38.123456789Z", datetime(2022, 8, 19, 7, 19, 38, 123456, UTC)),
        ("2022-08-19T09:19:38+02:00", datetime(2022, 8, 19, 7, 19, 38, tzinfo=UTC)),
        ("2022-08-19", datetime(2022, 8, 19, tzinfo=UTC)),
        ("yesterday", None),
        (17, None),
        (None, None),
    ],
)
def test_dates_are_read_in_every_precision(text, moment) -> None:
    assert parse_datetime(text) == moment


def test_every_name_of_the_module_is_there() -> None:
    assert all(getattr(models, name).__name__ == name for name in models.__all__)
    with pytest.raises(AttributeError):
        models.Nothing  # noqa: B018 - reading is the test


@given(
    row=st.fixed_dictionaries(
        {"type": st.just("file"), "path": st.text(), "size": st.integers(0), "oid": st.text()},
        optional={
            "lfs": st.none()
            | st.fixed_dictionaries(
                {"oid": st.text(), "size": st.integers(0), "pointerSize": st.integers(0)}
            ),
            "xetHash": st.none() | st.text(),
            "lastCommit": st.none(),
            "new": st.integers(),
        },
    )
)
def test_the_quick_way_to_read_a_row_gives_the_same_as_the_careful_one(row) -> None:
    quick, careful = entry_from_api(row), models.RepoFile.from_api(row)
    assert type(quick) is models.RepoFile
    assert quick == careful
    assert quick.extra == careful.extra
    assert hash(quick) == hash(careful)
    assert pickle.loads(pickle.dumps(quick)) == careful
    with pytest.raises(dataclasses.FrozenInstanceError):
        quick.size = 1
