"""What a dataset consists of, without reading its rows: configs, splits, declared features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.discovery.config import DEFAULT, config_names
from crucible_datasets.discovery.plan import Request, find_card
from crucible_datasets.load import load_dataset_builder, locate

if TYPE_CHECKING:
    from crucible_datasets.discovery.place import Place
    from crucible_datasets.info import DatasetInfo

__all__ = [
    "get_dataset_config_info",
    "get_dataset_config_names",
    "get_dataset_default_config_name",
    "get_dataset_infos",
    "get_dataset_split_names",
]


def get_dataset_config_names(
    path: str,
    revision: str | None = None,
    download_config: Any = None,
    download_mode: Any = None,  # noqa: ARG001 - for code that passes it
    data_files: Any = None,
    **download_kwargs: Any,
) -> list[str]:
    """The configs of a dataset, in order; ``["default"]`` where it declares none.

    Args:
        path: ``owner/name`` on the Hub, a folder, or a format.
        revision: branch, tag or commit of the repository.
        download_config: its ``token`` is used.
        download_mode: kept for code that passes it.
        data_files: kept for code that passes it; they change no config.
        **download_kwargs: ``token`` for the Hub; others change nothing.

    Raises:
        DatasetNotFoundError: there is no such repository, or the token does not open it.
    """
    token = download_kwargs.get("token")
    return config_names(find_card(_place(path, revision, download_config, data_files, token)))


def get_dataset_default_config_name(
    path: str,
    revision: str | None = None,
    download_config: Any = None,
    download_mode: Any = None,  # noqa: ARG001 - for code that passes it
    data_files: Any = None,
    **download_kwargs: Any,
) -> str | None:
    """The config that is read when none is named; None if there are several and no default.

    Takes the arguments of :func:`get_dataset_config_names`, and raises what it raises.
    """
    token = download_kwargs.get("token")
    card = find_card(_place(path, revision, download_config, data_files, token))
    if card.default is not None:
        return card.default
    return None if len(card.configs) > 1 else DEFAULT


def get_dataset_split_names(
    path: str,
    config_name: str | None = None,
    data_files: Any = None,
    download_config: Any = None,
    download_mode: Any = None,
    revision: str | None = None,
    token: bool | str | None = None,
    **config_kwargs: Any,
) -> list[str]:
    """The splits of a config, in order.

    Args:
        path: ``owner/name`` on the Hub, a folder, or a format.
        config_name: the config.
        data_files: read these, as in ``load_dataset``.
        download_config: its ``token`` is used.
        download_mode: kept for code that passes it.
        revision: branch, tag or commit of the repository.
        token: for the Hub.
        **config_kwargs: parameters of the format.

    Raises:
        ValueError: there is no such config, or several and none is named.
        DatasetNotFoundError: there is no such repository, or the token does not open it.
    """
    info = get_dataset_config_info(
        path,
        config_name,
        data_files,
        download_config,
        download_mode,
        revision,
        token,
        **config_kwargs,
    )
    return list(info.splits or ())


def get_dataset_config_info(
    path: str,
    config_name: str | None = None,
    data_files: Any = None,
    download_config: Any = None,
    download_mode: Any = None,
    revision: str | None = None,
    token: bool | str | None = None,
    **config_kwargs: Any,
) -> DatasetInfo:
    """What is declared of a config; its splits are named even where nothing is declared.

    Takes the arguments of :func:`get_dataset_split_names`, and raises what it raises.
    """
    from crucible_datasets.splits import SplitDict, SplitInfo

    builder = load_dataset_builder(
        path,
        config_name,
        None,
        data_files,
        download_config=download_config,
        download_mode=download_mode,
        revision=revision,
        token=token,
        **config_kwargs,
    )
    info = builder.info
    if info.splits is None:
        info.splits = SplitDict(
            {name: SplitInfo(name, dataset_name=path) for name in builder.plan.splits},
            dataset_name=path,
        )
    return info


def get_dataset_infos(
    path: str,
    data_files: Any = None,
    download_config: Any = None,
    download_mode: Any = None,
    revision: str | None = None,
    token: bool | str | None = None,
    **config_kwargs: Any,
) -> dict[str, DatasetInfo]:
    """What is declared of every config, by name.

    Takes the arguments of :func:`get_dataset_split_names`, and raises what it raises.
    """
    place = _place(path, revision, download_config, data_files, token)
    if place.repo_id is not None:
        revision = place.version  # one commit for all configs, looked up once
    return {
        name: get_dataset_config_info(
            path,
            name,
            data_files,
            download_config,
            download_mode,
            revision,
            token,
            **config_kwargs,
        )
        for name in config_names(find_card(place))
    }


def _place(
    path: str, revision: str | None, download_config: Any, data_files: Any, token: bool | str | None
) -> Place:
    if token is None:
        token = getattr(download_config, "token", None)
    return locate(Request(path, data_files=data_files, token=token), revision)
