"""What a dataset's columns hold: the feature types, and what is done with them.

The types (``Value``, ``List``, ``Image``, ...) and ``Features`` are those of ``datasets``, and so
are their dict, YAML and Arrow forms. Nothing heavy is imported before it is asked for: the types
know their Arrow type by name until somebody wants the object.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.media.audio import Audio
    from crucible_datasets.media.bio import BioSequence, BioStructure
    from crucible_datasets.media.image import Image
    from crucible_datasets.media.mesh import Mesh
    from crucible_datasets.media.nifti import Nifti
    from crucible_datasets.media.pdf import Pdf
    from crucible_datasets.media.video import Video
    from crucible_datasets.schema.arrays import Array2D, Array3D, Array4D, Array5D
    from crucible_datasets.schema.cast import cast_table
    from crucible_datasets.schema.class_label import ClassLabel
    from crucible_datasets.schema.features import Features
    from crucible_datasets.schema.json_value import Json
    from crucible_datasets.schema.lists import LargeList, List, Sequence
    from crucible_datasets.schema.registry import register_feature
    from crucible_datasets.schema.translation import Translation, TranslationVariableLanguages
    from crucible_datasets.schema.value import Value
    from crucible_datasets.schema.visit import requires_decoding

#: Feature type, by the name that serialised features give it -> its module.
FEATURE_TYPES = {
    "Array2D": "crucible_datasets.schema.arrays",
    "Array3D": "crucible_datasets.schema.arrays",
    "Array4D": "crucible_datasets.schema.arrays",
    "Array5D": "crucible_datasets.schema.arrays",
    "Audio": "crucible_datasets.media.audio",
    "BioSequence": "crucible_datasets.media.bio",
    "BioStructure": "crucible_datasets.media.bio",
    "ClassLabel": "crucible_datasets.schema.class_label",
    "Image": "crucible_datasets.media.image",
    "Json": "crucible_datasets.schema.json_value",
    "LargeList": "crucible_datasets.schema.lists",
    "List": "crucible_datasets.schema.lists",
    "Mesh": "crucible_datasets.media.mesh",
    "Nifti": "crucible_datasets.media.nifti",
    "Pdf": "crucible_datasets.media.pdf",
    "Sequence": "crucible_datasets.schema.lists",
    "Translation": "crucible_datasets.schema.translation",
    "TranslationVariableLanguages": "crucible_datasets.schema.translation",
    "Value": "crucible_datasets.schema.value",
    "Video": "crucible_datasets.media.video",
}
_HOME = {
    **FEATURE_TYPES,
    "Features": "crucible_datasets.schema.features",
    "cast_table": "crucible_datasets.schema.cast",
    "register_feature": "crucible_datasets.schema.registry",
    "requires_decoding": "crucible_datasets.schema.visit",
}

__all__ = [
    "Array2D",
    "Array3D",
    "Array4D",
    "Array5D",
    "Audio",
    "BioSequence",
    "BioStructure",
    "ClassLabel",
    "Features",
    "Image",
    "Json",
    "LargeList",
    "List",
    "Mesh",
    "Nifti",
    "Pdf",
    "Sequence",
    "Translation",
    "TranslationVariableLanguages",
    "Value",
    "Video",
    "cast_table",
    "register_feature",
    "requires_decoding",
]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
