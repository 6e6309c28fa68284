"""``Features`` as a dict that knows what has to be decoded, and costs nothing where nothing has."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from crucible_datasets.schema import (
    Array2D,
    ClassLabel,
    Features,
    Image,
    Json,
    LargeList,
    List,
    Sequence,
    Translation,
    Value,
    register_feature,
    requires_decoding,
)
from crucible_datasets.schema.array_extension import to_numpy
from crucible_datasets.schema.cast import cast_table, with_extension_types
from crucible_datasets.schema.polars import feature_of_dtype


def test_importing_the_schema_loads_neither_arrow_nor_polars_nor_pictures() -> None:
    code = (
        "import sys; from crucible_datasets.schema import Features, Value, Image, Json, List; "
        "f = Features({'a': Value('timestamp[us, tz=UTC]'), 'b': List(Image()), 'c': Json()}); "
        "f.to_dict(), f.to_yaml_list(), repr(f), f.copy(), f.decodable; "
        "print(sorted(set(sys.modules) & {'pyarrow', 'polars', 'PIL', 'numpy', 'pandas'}))"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"


def test_reading_json_does_not_load_pandas() -> None:
    code = (
        "import sys; from crucible_datasets.schema.infer import infer_features\n"
        "from crucible_datasets.schema.json_table import lines_to_table\n"
        "from crucible_datasets.schema.validate import Place, Validator\n"
        'chunk = b\'{"a": [1, "x"], "b": null, "c": [{"d": 1}]}\\n{"c": null}\\n\'\n'
        "features = infer_features([(chunk, None, 1)])\n"
        "table = lines_to_table(chunk, Validator(features), Place())\n"
        "print('pandas' in sys.modules, 'polars' in sys.modules)"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "False False"


def test_a_column_that_needs_no_decoding_is_given_back_itself() -> None:
    features = Features({"a": Value("string"), "j": Json()})
    column = ["x", "y"]

    assert features.decode_column(column, "a") is column
    assert features.decodable == {"j"}


def test_what_needs_decoding_is_known_after_every_change() -> None:
    features = Features({"a": Value("string")})
    assert not features.decodable

    features["b"] = Image()
    assert features.decodable == {"b"}
    features.update({"c": List({"d": Json()})})
    assert features.decodable == {"b", "c"}
    features.pop("b")
    assert features.decodable == {"c"}
    features |= {"e": Json()}
    assert features.decodable == {"c", "e"}
    del features["c"]
    features.setdefault("f", Json(decode=False))
    assert features.decodable == {"e"}
    features.clear()
    assert not features.decodable


def test_decoding_is_required_wherever_it_is_nested() -> None:
    assert requires_decoding({"a": List(LargeList({"b": Image()}))})
    assert not requires_decoding(List(Image(decode=False)))
    assert requires_decoding(List(Image(decode=False)), ignore_decode_attribute=True)


def test_a_list_as_one_wrote_it_of_old_becomes_a_list() -> None:
    assert Features({"a": [Value("int32")], "b": [{"c": [Json()]}]}) == Features(
        {"a": List(Value("int32")), "b": List({"c": List(Json())})}
    )


def test_a_sequence_of_a_dict_is_a_dict_of_lists() -> None:
    made = Sequence({"text": Value("string"), "start": Value("int32")}, length=2)

    assert made == {"text": List(Value("string"), 2), "start": List(Value("int32"), 2)}
    assert isinstance(Sequence(Value("int32")), List)
    assert isinstance(List(Value("int32")), Sequence)


def test_columns_may_have_any_name() -> None:
    features = Features({"self": Value("int8"), "_type": Value("int8"), "": Value("int8")})

    assert Features.from_dict(features.to_dict()) == features
    assert Features.from_arrow_schema(features.arrow_schema) == features


def test_features_are_copied_deeply_and_pickled() -> None:
    features = Features({"a": {"b": ClassLabel(names=["x"])}, "c": Array2D((1, 2), "int8")})
    copied = features.copy()
    copied["a"]["b"] = Value("int8")

    assert features["a"]["b"] == ClassLabel(names=["x"])
    assert pickle.loads(pickle.dumps(features)) == features
    assert copy.copy(features) == features


def test_a_batch_with_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="'b'"):
        Features({"a": Value("int8")}).encode_batch({"b": [1]})


def test_numpy_and_polars_values_are_encoded_as_plain_ones() -> None:
    features = Features({"a": List(Value("int64")), "b": Value("float32"), "c": Value("string")})

    encoded = features.encode_example({"a": pl.Series([1, 2]), "b": np.float64(0.5), "c": 5})

    assert encoded == {"a": [1, 2], "b": 0.5, "c": "5"}


def test_json_takes_any_value_and_gives_it_back() -> None:
    features = Features({"j": Json()})
    values: list[Any] = [{"a": [1, None, "x"]}, [], "text", "[1]", 5, None, {"n": 10**30}]

    stored = features.encode_batch({"j": values})["j"]

    assert stored[0] == '{"a":[1,null,"x"]}'
    assert stored[5] is None
    decoded = features.decode_batch({"j": stored})["j"]
    assert decoded == [{"a": [1, None, "x"]}, [], "text", [1], 5, None, {"n": 10**30}]


def test_files_know_json_and_arrays_by_their_extension_types() -> None:
    features = Features({"j": List(Json()), "x": Array2D((2, 2), "int32")})
    table = cast_table(pa.table({"j": [["1", None]], "x": [[[1, 2], [3, 4]]]}), features)

    wrapped = with_extension_types(table, features)

    assert wrapped.schema == features.arrow_schema
    assert wrapped.schema.field("j").type.value_type.extension_name == "arrow.json"
    assert wrapped.schema.field("x").type.extension_name.endswith("Array2DExtensionType")
    assert cast_table(wrapped, features).equals(table)


def test_arrays_whose_extension_type_nobody_registered_are_known_by_metadata() -> None:
    features = Features({"x": Array2D((None, 2), "float32"), "l": List(Array2D((1, 1), "int8"))})
    sent = pa.ipc.read_schema(features.arrow_schema.remove_metadata().serialize())

    assert Features.from_arrow_schema(sent) == features


@pytest.mark.parametrize(
    ("rows", "shape", "expected"),
    [
        ([[[1, 2]], [[3, 4]]], (1, 2), [[[1, 2]], [[3, 4]]]),
        ([[[1, 2]], [[3, 4]]], (None, 2), [[[1, 2]], [[3, 4]]]),
        ([[[1, 2]], None], (1, 2), [[[1, 2]], [[np.nan, np.nan]]]),
    ],
)
def test_a_column_of_arrays_becomes_one_array(rows: Any, shape: Any, expected: Any) -> None:
    storage = pa.array(rows, pa.list_(pa.list_(pa.int64())))

    np.testing.assert_array_equal(to_numpy(storage, shape), np.array(expected))


def test_arrays_of_other_lengths_become_an_array_of_arrays() -> None:
    storage = pa.array([[[1, 2]], None, [[3, 4], [5, 6]]], pa.list_(pa.list_(pa.int64())))

    made = to_numpy(storage, (None, 2))

    assert made.dtype == object
    assert [np.asarray(row).tolist() for row in made[[0, 2]]] == [[[1, 2]], [[3, 4], [5, 6]]]
    assert np.isnan(made[1])


@pytest.mark.parametrize(
    ("dtype", "feature"),
    [
        (pl.String, Value("string")),
        (pl.Int16, Value("int16")),
        (pl.Categorical, Value("string")),
        (pl.List(pl.Struct({"a": pl.Float32})), List({"a": Value("float32")})),
        (pl.Array(pl.Int8, 3), List(Value("int8"), length=3)),
        (pl.Datetime("ms", "UTC"), Value("timestamp[ms, tz=UTC]")),
        (pl.Binary, Value("binary")),
        (pl.Null, Value("null")),
    ],
)
def test_polars_types_have_features(dtype: Any, feature: Any) -> None:
    assert feature_of_dtype(dtype) == feature


def test_the_polars_schema_is_that_of_the_stored_values() -> None:
    features = Features({"j": Json(), "i": Image(), "l": List(ClassLabel(names=["x"]))})

    assert features.polars_schema == pl.Schema(
        {
            "j": pl.String,
            "i": pl.Struct({"bytes": pl.Binary, "path": pl.String}),
            "l": pl.List(pl.Int64),
        }
    )


def test_metadata_of_another_type_than_the_column_do_not_count() -> None:
    schema = Features({"a": ClassLabel(names=["x"]), "b": Value("int8")}).arrow_schema
    changed = schema.set(0, pa.field("a", pa.string())).append(pa.field("c", pa.bool_()))

    assert Features.from_arrow_schema(changed) == Features(
        {"a": Value("string"), "b": Value("int8"), "c": Value("bool")}
    )


def test_dictionary_and_map_columns_have_plain_features() -> None:
    schema = pa.schema(
        [
            ("d", pa.dictionary(pa.int8(), pa.string())),
            ("m", pa.map_(pa.string(), pa.int32())),
        ]
    )

    features = Features.from_arrow_schema(schema)

    assert features == {
        "d": Value("string"),
        "m": List({"key": Value("string"), "value": Value("int32")}),
    }
    table = pa.Table.from_pylist([{"d": "x", "m": [("a", 1)]}, {"d": None, "m": None}], schema)
    assert cast_table(table, features).to_pylist() == [
        {"d": "x", "m": [{"key": "a", "value": 1}]},
        {"d": None, "m": None},
    ]


def test_an_unknown_feature_type_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'Smell'"):
        Features.from_dict({"a": {"_type": "Smell"}})


def test_a_feature_of_ones_own_survives_once_it_is_registered() -> None:
    from dataclasses import dataclass, field

    @dataclass
    class Smell:
        strength: int = 1
        _type: str = field(default="Smell", init=False, repr=False)

        def __call__(self) -> pa.DataType:
            return pa.string()

    register_feature(Smell, "Smell of the tests")
    described = {"a": {"strength": 5, "_type": "Smell of the tests"}}

    assert Features.from_dict(described)["a"] == Smell(5)


def test_a_translation_is_a_struct_of_texts() -> None:
    feature = Translation(languages=["en", "de"])

    assert feature() == pa.struct({"de": pa.string(), "en": pa.string()})
    assert Features({"t": feature}).flatten() == {
        "t.de": Value("string"),
        "t.en": Value("string"),
    }


def test_two_arrow_columns_of_one_name_are_refused() -> None:
    twice = pa.schema([("a", pa.int64()), ("a", pa.string())])
    with pytest.raises(ValueError, match="two columns are called 'a'"):
        Features.from_arrow_schema(twice)
