"""Calls about one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hfhub.api import exists, history, info, tree, viewer
from hfhub.api.caller import Caller, repo_ref
from hfhub.api.resolve import resolve_revision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hfhub.models import (
        DatasetInfo,
        DatasetParquetEntry,
        GitCommitInfo,
        GitRefs,
        ModelInfo,
        RepoFile,
        RepoFolder,
        SpaceInfo,
    )
    from hfhub.revision import ResolvedRevision


class RepositoryCalls(Caller):
    """What can be asked about one repository."""

    def repo_info(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        repo_type: str | None = None,
        timeout: float | None = None,
        files_metadata: bool = False,
        expand: list[str] | str | None = None,
        token: bool | str | None = None,
    ) -> ModelInfo | DatasetInfo | SpaceInfo:
        """The information about a repository.

        Args:
            repo_id: ``owner/name``.
            revision: a branch, tag or commit; by default the default branch.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            timeout: seconds to wait for the answer.
            files_metadata: whether each sibling comes with size and digests.
            expand: only these properties; excludes ``files_metadata``.
            token: a token, True (required), False (none).

        Raises:
            RepositoryNotFoundError: if there is no such repository for this token.
            RevisionNotFoundError: if it has no such revision.
        """
        return info.repo_info(
            self.client(token),
            repo_ref(repo_id, repo_type, revision),
            at_revision=revision is not None,
            files_metadata=files_metadata,
            expand=expand,
            timeout=timeout,
        )

    def model_info(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        timeout: float | None = None,
        securityStatus: bool | None = None,  # noqa: N803 - the peer's name
        files_metadata: bool = False,
        expand: list[str] | None = None,
        token: bool | str | None = None,
    ) -> ModelInfo:
        """The information about a model; arguments and errors as `repo_info`.

        Args:
            repo_id: ``owner/name``.
            revision: a branch, tag or commit; by default the default branch.
            timeout: seconds to wait for the answer.
            securityStatus: whether the scanners' findings come along.
            files_metadata: whether each sibling comes with size and digests.
            expand: only these properties; excludes the two above.
            token: a token, True (required), False (none).
        """
        found = info.repo_info(
            self.client(token),
            repo_ref(repo_id, "model", revision),
            at_revision=revision is not None,
            files_metadata=files_metadata,
            expand=expand,
            security_status=bool(securityStatus),
            timeout=timeout,
        )
        return cast("ModelInfo", found)

    def dataset_info(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        timeout: float | None = None,
        files_metadata: bool = False,
        expand: list[str] | None = None,
        token: bool | str | None = None,
    ) -> DatasetInfo:
        """The information about a dataset; arguments and errors as `repo_info`."""
        found = self.repo_info(
            repo_id,
            revision=revision,
            repo_type="dataset",
            timeout=timeout,
            files_metadata=files_metadata,
            expand=expand,
            token=token,
        )
        return cast("DatasetInfo", found)

    def space_info(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        timeout: float | None = None,
        files_metadata: bool = False,
        expand: list[str] | None = None,
        token: bool | str | None = None,
    ) -> SpaceInfo:
        """The information about a Space; arguments and errors as `repo_info`."""
        found = self.repo_info(
            repo_id,
            revision=revision,
            repo_type="space",
            timeout=timeout,
            files_metadata=files_metadata,
            expand=expand,
            token=token,
        )
        return cast("SpaceInfo", found)

    def list_repo_tree(
        self,
        repo_id: str,
        path_in_repo: str | None = None,
        *,
        recursive: bool = False,
        expand: bool = False,
        revision: str | None = None,
        repo_type: str | None = None,
        token: str | bool | None = None,
    ) -> Iterable[RepoFile | RepoFolder]:
        """The files and folders under a folder, page after page as they are consumed.

        Args:
            repo_id: ``owner/name``.
            path_in_repo: the folder; by default the root.
            recursive: whether folders are entered; they are listed all the same.
            expand: whether each comes with its last commit and security status; slower.
            revision: a branch, tag or commit; by default ``main``.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            token: a token, True (required), False (none).

        Raises:
            RepositoryNotFoundError: if there is no such repository for this token.
            RevisionNotFoundError: if it has no such revision.
            RemoteEntryNotFoundError: if there is no such folder.
        """
        return tree.list_tree(
            self.client(token),
            repo_ref(repo_id, repo_type, revision),
            path_in_repo,
            recursive=recursive,
            expand=expand,
        )

    def list_repo_files(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        repo_type: str | None = None,
        token: str | bool | None = None,
    ) -> list[str]:
        """The path of every file; arguments and errors as `list_repo_tree`."""
        return tree.list_paths(self.client(token), repo_ref(repo_id, repo_type, revision))

    def get_paths_info(
        self,
        repo_id: str,
        paths: list[str] | str,
        *,
        expand: bool = False,
        revision: str | None = None,
        repo_type: str | None = None,
        token: str | bool | None = None,
    ) -> list[RepoFile | RepoFolder]:
        """What stands at ``paths``; those that are not there are left out.

        Arguments and errors as `list_repo_tree`.
        """
        return tree.get_paths(
            self.client(token),
            repo_ref(repo_id, repo_type, revision),
            [paths] if isinstance(paths, str) else list(paths),
            expand=expand,
        )

    def list_repo_refs(
        self,
        repo_id: str,
        *,
        repo_type: str | None = None,
        include_pull_requests: bool = False,
        token: str | bool | None = None,
    ) -> GitRefs:
        """The branches, conversions and tags, and the pull requests when asked for.

        Args:
            repo_id: ``owner/name``.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            include_pull_requests: whether pull requests are listed too.
            token: a token, True (required), False (none).

        Raises:
            RepositoryNotFoundError: if there is no such repository for this token.
        """
        return history.list_refs(
            self.client(token),
            repo_ref(repo_id, repo_type),
            include_pull_requests=include_pull_requests,
        )

    def list_repo_commits(
        self,
        repo_id: str,
        *,
        repo_type: str | None = None,
        token: bool | str | None = None,
        revision: str | None = None,
        formatted: bool = False,
    ) -> list[GitCommitInfo]:
        """The commits that lead to a revision, the newest first.

        Args:
            repo_id: ``owner/name``.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            token: a token, True (required), False (none).
            revision: a branch, tag or commit; by default ``main``.
            formatted: whether titles and messages come as HTML too.

        Raises:
            RepositoryNotFoundError: if there is no such repository for this token.
            RevisionNotFoundError: if it has no such revision.
        """
        ref = repo_ref(repo_id, repo_type, revision)
        return history.list_commits(self.client(token), ref, formatted=formatted)

    def resolve_revision(
        self,
        repo_id: str,
        *,
        repo_type: str | None = None,
        revision: str | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
        token: bool | str | None = None,
    ) -> ResolvedRevision:
        """The commit of a revision, from the Hub, or from the cache when it cannot be reached.

        Args:
            repo_id: ``owner/name``.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            revision: a branch, tag or commit; by default ``main``.
            cache_dir: the cache; by default ``HF_HUB_CACHE``.
            local_files_only: whether only the cache may be asked.
            token: a token, True (required), False (none).

        Raises:
            RevisionResolutionError: if the Hub cannot be asked and the cache does not know.
            RepositoryNotFoundError: if there is no such repository for this token.
            RevisionNotFoundError: if it has no such revision.
        """
        client = self.client(token)
        if cache_dir is not None:
            client = client.with_settings(client.settings.override(cache_dir=cache_dir))
        ref = repo_ref(repo_id, repo_type, revision)
        initial = getattr(revision, "initial", revision)
        return resolve_revision(client, ref, initial, local_files_only=local_files_only)

    def repo_exists(
        self, repo_id: str, *, repo_type: str | None = None, token: str | bool | None = None
    ) -> bool:
        """Whether there is such a repository for this token; a gated one is there."""
        return exists.repo_exists(self.client(token), repo_ref(repo_id, repo_type))

    def revision_exists(
        self,
        repo_id: str,
        revision: str,
        *,
        repo_type: str | None = None,
        token: str | bool | None = None,
    ) -> bool:
        """Whether there is such a repository with such a revision."""
        return exists.revision_exists(self.client(token), repo_ref(repo_id, repo_type, revision))

    def file_exists(
        self,
        repo_id: str,
        filename: str,
        *,
        repo_type: str | None = None,
        revision: str | None = None,
        token: str | bool | None = None,
    ) -> bool:
        """Whether there is such a file.

        Raises:
            GatedRepoError: if only those who were granted access may know.
        """
        ref = repo_ref(repo_id, repo_type, revision)
        return exists.file_exists(self.client(token), ref, filename)

    def list_dataset_parquet_files(
        self, repo_id: str, *, config: str | None = None, token: bool | str | None = None
    ) -> list[DatasetParquetEntry]:
        """The files of the Parquet copy that the Hub makes of a dataset.

        Args:
            repo_id: ``owner/name``.
            config: only this configuration.
            token: a token, True (required), False (none).

        Raises:
            RevisionNotFoundError: if the Hub made no copy of this dataset.
            RepositoryNotFoundError: if there is no such dataset for this token.
        """
        return viewer.list_parquet(self.client(token), repo_ref(repo_id, "dataset"), config)

    def dataset_configs(self, repo_id: str, *, token: bool | str | None = None) -> list[str]:
        """The configurations of a dataset's Parquet copy.

        Raises:
            RevisionNotFoundError: if the Hub made no copy of this dataset.
        """
        return viewer.dataset_configs(self.client(token), repo_ref(repo_id, "dataset"))

    def dataset_splits(
        self, repo_id: str, config: str | None = None, *, token: bool | str | None = None
    ) -> list[str]:
        """The splits of a dataset's Parquet copy, of all configurations or one.

        Raises:
            RevisionNotFoundError: if the Hub made no copy of this dataset.
        """
        return viewer.dataset_splits(self.client(token), repo_ref(repo_id, "dataset"), config)
