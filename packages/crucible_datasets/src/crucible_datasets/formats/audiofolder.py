"""Folders of audio files; see :mod:`crucible_datasets.formats.folder`."""

from __future__ import annotations

from crucible_datasets.formats.extensions import media_extensions
from crucible_datasets.formats.folder import FolderFormat
from crucible_datasets.formats.folder_rows import MediaKind

FORMAT = FolderFormat(MediaKind("audio", "Audio", media_extensions("audio")))
