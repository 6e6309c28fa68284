"""Which format a file name's ending speaks of, and which one speaks for many files."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """A format by name, with the options that an ending implies."""

    format: str
    options: Mapping[str, Any] = field(default_factory=dict)


def _kinds(format_: str, endings: str) -> dict[str, Kind]:
    return {f".{ending}": Kind(format_) for ending in endings.split()}


_IMAGES = (
    "blp bmp dib bufr cur pcx dcx dds ps eps fit fits fli flc ftc ftu gbr gif grib png apng "
    "jp2 j2k jpc jpf jpx j2c icns ico im iim tif tiff jfif jpe jpg jpeg mpg mpeg msp pcd pxr pbm "
    "pgm ppm pnm psd bw rgb rgba sgi ras tga icb vda vst webp wmf emf xbm xpm"
)
_SOUNDS = (
    "aiff au avr caf flac htk svx mat4 mat5 mpc2k ogg paf pvf raw rf64 sd2 sds ircam voc w64 wav "
    "nist wavex wve xi mp3 opus 3gp 3g2 avi asf flv mp4 mov m4v mkv mpg webm f4v wmv wma ogm "
    "mxf nut"
)
_VIDEOS = "mkv mp4 avi mpeg mov"

#: Formats of the peer that we know by name only: told apart, then refused by name.
_FOREIGN = {
    "conll": "conll conllu",
    "eval": "eval",
    "lance": "lance",
    "tsfile": "tsfile",
    "vortex": "vortex",
    "fasta": "fa fasta fna ffn faa frn afa",
    "genbank": "gb gbk genbank",
    "fastq": "fq fastq",
    "pdb": "pdb ent ENT PDB",
    "mmcif": "cif mmcif",
    "meshfolder": "glb gltf ply stl GLB GLTF PLY STL",
    "pdffolder": "pdf PDF",
    "niftifolder": "nii NII",
}

#: The ending, dot included -> format. Later ones win where two claim one.
KINDS: Mapping[str, Kind] = {
    **_kinds("imagefolder", f"{_IMAGES} {_IMAGES.upper()}"),
    **_kinds("audiofolder", f"{_SOUNDS} {_SOUNDS.upper()}"),
    **_kinds("videofolder", f"{_VIDEOS} {_VIDEOS.upper()}"),
    **{k: v for name, ends in _FOREIGN.items() for k, v in _kinds(name, ends).items()},
    **_kinds("csv", "csv"),
    ".tsv": Kind("csv", {"sep": "\t"}),
    **_kinds("json", "json jsonl ndjson"),
    **_kinds("parquet", "parquet geoparquet gpq"),
    **_kinds("arrow", "arrow"),
    **_kinds("text", "txt"),
    **_kinds("webdataset", "tar"),
    **_kinds("xml", "xml"),
    **_kinds("hdf5", "hdf5 h5"),
}

#: In a draw the first of these wins, then the alphabetically last ending.
_FAVOURITES = (".parquet", ".lance", ".vortex", ".arrow", ".jsonl", ".json", ".csv")

#: Files beside media that say more about them.
METADATA_NAMES = frozenset({"metadata.csv", "metadata.jsonl", "metadata.parquet"})
FOLDER_FORMATS = frozenset(
    {"imagefolder", "audiofolder", "videofolder", "meshfolder", "pdffolder", "niftifolder"}
)


def media_extensions(column: str) -> frozenset[str]:
    """The endings of image, audio or video files, in lower case."""
    endings_ = {"image": _IMAGES, "audio": _SOUNDS, "video": _VIDEOS}[column]
    return frozenset(f".{ending}" for ending in endings_.split())


#: Every ending that makes a file a data file.
DATA_EXTENSIONS = frozenset({*KINDS, ".zip"})


def extensions_of(format_: str) -> frozenset[str]:
    """The endings of files in that format; zip archives may hold any."""
    return frozenset({end for end, kind in KINDS.items() if kind.format == format_} | {".zip"})


def endings(path: str) -> list[str]:
    """The dotted endings of a file's name, in lower case.

    >>> endings("data/train.JSONL.gz")
    ['.jsonl', '.gz']
    """
    return [f".{part.lower()}" for part in posixpath.basename(path).split(".")[1:]]


def majority(paths: Iterable[str]) -> Kind | str | None:
    """The format that most of ``paths`` are in.

    Returns:
        The format; or ``".zip"`` if most are archives, so that one must look inside; or None.
    """
    counts = Counter(
        (ending, posixpath.basename(path) in METADATA_NAMES)
        for path in paths
        for ending in endings(path)
    )

    def rank(item: tuple[tuple[str, bool], int]) -> tuple[Any, ...]:
        (ending, is_metadata), count = item
        return (not is_metadata, count, *(ending == f for f in _FAVOURITES), ending)

    for (ending, _), _count in sorted(counts.items(), key=rank, reverse=True):
        if ending in KINDS:
            return KINDS[ending]
        if ending == ".zip":
            return ".zip"
    return None


def belongs(path: str, format_: str) -> bool:
    """Whether a file that was found by name is one of that format, or describes its media."""
    if format_ in FOLDER_FORMATS and posixpath.basename(path) in METADATA_NAMES:
        return True
    wanted = extensions_of(format_)
    name = posixpath.basename(path)
    return any(f".{part}" in wanted for part in name.split(".")[1:])


def inner_majority(names: Sequence[str]) -> Kind | None:
    """The format of most members of archives; without favourites, the first seen wins a draw."""
    counts = Counter(ending for name in names for ending in endings(name))
    return KINDS.get(counts.most_common(1)[0][0]) if counts else None
