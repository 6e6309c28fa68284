"""What the official client has for writing and hfhub has not yet: names that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WRITING", "NotThereYetError"]

WRITING = frozenset(
    {
        "accept_access_request",
        "add_collection_item",
        "add_space_secret",
        "add_space_variable",
        "cancel_access_request",
        "change_discussion_status",
        "comment_discussion",
        "copy_files",
        "create_branch",
        "create_bucket",
        "create_collection",
        "create_commit",
        "create_discussion",
        "create_pull_request",
        "create_repo",
        "create_tag",
        "create_webhook",
        "delete_branch",
        "delete_bucket",
        "delete_collection",
        "delete_collection_item",
        "delete_file",
        "delete_files",
        "delete_folder",
        "delete_repo",
        "delete_space_secret",
        "delete_space_variable",
        "delete_space_volumes",
        "delete_tag",
        "delete_webhook",
        "disable_webhook",
        "duplicate_repo",
        "edit_discussion_comment",
        "enable_webhook",
        "grant_access",
        "hide_discussion_comment",
        "merge_pull_request",
        "move_bucket",
        "move_repo",
        "pause_space",
        "permanently_delete_lfs_files",
        "preupload_lfs_files",
        "reject_access_request",
        "rename_discussion",
        "request_space_hardware",
        "restart_space",
        "set_space_sleep_time",
        "set_space_volumes",
        "super_squash_history",
        "sync_bucket",
        "update_bucket_settings",
        "update_collection_item",
        "update_collection_metadata",
        "update_repo_settings",
        "update_webhook",
        "upload_attachment",
        "upload_file",
        "upload_folder",
        "upload_large_folder",
    }
)


class NotThereYetError(NotImplementedError, AttributeError):
    """A call that is to be there; ``hasattr`` of an object that lacks it answers with the truth."""


def _made(name: str) -> Callable[..., NoReturn]:
    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        raise NotImplementedError(
            f"{name} is not there yet: hfhub only reads. huggingface_hub.{name} writes"
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Raise `NotImplementedError`: {name} is not there yet."
    return refuse


globals().update({name: _made(name) for name in WRITING})
