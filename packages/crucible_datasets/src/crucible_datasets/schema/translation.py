"""``Translation`` and ``TranslationVariableLanguages``: one text in several languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from crucible_datasets.schema.lists import List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa


@dataclass
class Translation:
    """One text in the same languages in each row: ``{"de": "Katze", "en": "cat"}``.

    Args:
        languages: the codes of the languages.
        id: kept, and not used.
    """

    languages: list[str]
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "dict"
    _type: str = field(default="Translation", init=False, repr=False)

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        import pyarrow as pa

        return pa.struct({language: pa.string() for language in sorted(self.languages)})

    def flatten(self) -> dict[str, Value]:
        """One string column a language."""
        return {language: Value("string") for language in sorted(self.languages)}


@dataclass
class TranslationVariableLanguages:
    """One text in languages that differ from row to row, some of them several times.

    Stored as ``{"language": [...], "translation": [...]}``, sorted by language.

    Args:
        languages: the codes that may occur; None for any.
        num_languages: their number; set from ``languages``.
        id: kept, and not used.
    """

    languages: list[str] | None = None
    num_languages: int | None = None
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "dict"
    _type: str = field(default="TranslationVariableLanguages", init=False, repr=False)

    def __post_init__(self) -> None:
        self.languages = sorted(set(self.languages)) if self.languages else None
        self.num_languages = len(self.languages) if self.languages else None

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        import pyarrow as pa

        texts = pa.list_(pa.string())
        return pa.struct({"language": texts, "translation": texts})

    def encode_example(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """``{"en": "cat", "fr": ["chat", "chatte"]}`` as the two lists that are stored.

        Raises:
            ValueError: if a language is not one of ``languages``.
        """
        if set(value) == {"language", "translation"}:
            return value
        foreign = set(value) - set(self.languages) if self.languages else set()
        if foreign:
            raise ValueError(
                f"the languages {sorted(foreign)} are not among {self.languages}; "
                "name them in TranslationVariableLanguages(languages=...)"
            )
        pairs = sorted(
            (language, text)
            for language, texts in value.items()
            for text in ([texts] if isinstance(texts, str) else texts)
        )
        return {
            "language": tuple(language for language, _ in pairs),
            "translation": tuple(text for _, text in pairs),
        }

    def flatten(self) -> dict[str, List]:
        """The two columns that are stored."""
        return {"language": List(Value("string")), "translation": List(Value("string"))}
