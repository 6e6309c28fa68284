"""Cards: a README with metadata in front."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from hfhub.errors import MissingExtraError
from hfhub.eval_results import EvalResult, eval_results_to_model_index
from hfhub.repocard_data import CardData, DatasetCardData, ModelCardData, SpaceCardData

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DatasetCard",
    "ModelCard",
    "RepoCard",
    "SpaceCard",
    "metadata_eval_result",
    "metadata_load",
    "metadata_save",
    "metadata_update",
]

REPOCARD_NAME = "README.md"
# As the Hub finds it: a block between two lines of dashes, at the very beginning.
_BLOCK = re.compile(
    r"\A(?P<open>\s*---(?:\r\n|\r|\n))(?P<yaml>.*?)(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|\Z)", re.DOTALL
)
_TEMPLATES = Path(__file__).parent / "templates"


class RepoCard:
    """A card: ``data`` is its metadata, ``text`` what follows, ``content`` both as one text.

    Line ends and the order of the metadata are kept.

    >>> card = RepoCard("---\\nlicense: mit\\n---\\n# Hello")
    >>> card.data.license, card.text
    ('mit', '# Hello')
    """

    card_data_class: ClassVar[type[CardData]] = CardData
    default_template_path: ClassVar[Path] = _TEMPLATES / "model_card.md"
    repo_type: ClassVar[str] = "model"

    def __init__(self, content: str, ignore_metadata_errors: bool = False) -> None:
        """Read a card.

        Args:
            content: the whole README.
            ignore_metadata_errors: leave out malformed evaluation results instead of raising.

        Raises:
            ValueError: if the metadata are not YAML, or not a mapping.
        """
        self.ignore_metadata_errors = ignore_metadata_errors
        self.content = content

    @property
    def content(self) -> str:
        """The whole README, with the metadata as they are now."""
        end = _line_end(self._content)
        data = self.data.to_yaml(line_break=end, original_order=self._order)
        return f"---{end}{data}{end}---{end}{self.text}"

    @content.setter
    def content(self, content: str) -> None:
        self._content = content
        block = _BLOCK.match(content)
        values = {} if block is None else _mapping(block["yaml"])
        self.text = content if block is None else content[block.end() :]
        self._order = list(values)
        self.data: Any = self.card_data_class(
            **values, ignore_metadata_errors=self.ignore_metadata_errors
        )

    def __str__(self) -> str:
        return self.content

    def save(self, filepath: Path | str) -> None:
        """Write the card to ``filepath``, with its own line ends."""
        path = Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, self.content)

    @classmethod
    def load(
        cls,
        repo_id_or_path: str | Path,
        repo_type: str | None = None,
        token: str | bool | None = None,
        ignore_metadata_errors: bool = False,
    ) -> Self:
        """Read the card of a repository, or a file.

        Args:
            repo_id_or_path: a file, or else ``owner/name``.
            repo_type: by default this class's.
            token: as everywhere.
            ignore_metadata_errors: leave out malformed evaluation results instead of raising.

        Raises:
            RemoteEntryNotFoundError: if the repository has no README.
            RepositoryNotFoundError: if there is no such repository for this token.
            ValueError: if the metadata are malformed, or a `Path` is no file.
        """
        path = Path(repo_id_or_path)
        if not path.is_file():
            if not isinstance(repo_id_or_path, str):
                raise ValueError(f"there is no file {repo_id_or_path} to load a card from")
            path = _fetch(repo_id_or_path, repo_type or cls.repo_type, token)
        return cls(_read(path), ignore_metadata_errors=ignore_metadata_errors)

    def validate(self, repo_type: str | None = None) -> None:
        """Let the Hub check the card.

        Args:
            repo_type: by default this class's.

        Raises:
            ValueError: if the Hub finds fault with it, saying what.
        """
        from hfhub.http import client_for
        from hfhub.settings import current

        response = client_for(current()).request(
            "POST",
            "api/validate-yaml",
            json={"repoType": repo_type or self.repo_type, "content": self.content},
            headers={"accept": "text/plain"},
            ok_statuses=(400,),
            repeatable=True,
        )
        if response.status_code == 400:
            raise ValueError(response.text)

    def push_to_hub(self, repo_id: str, **arguments: Any) -> str:
        """Commit the card to a repository.

        Raises:
            NotImplementedError: always, for now.
        """
        raise NotImplementedError(
            f"RepoCard.push_to_hub is not there yet (for {repo_id} with {sorted(arguments)}): "
            "hfhub only reads. Save the card and upload it with `huggingface_hub`"
        )

    @classmethod
    def from_template(
        cls,
        card_data: CardData,
        template_path: str | None = None,
        template_str: str | None = None,
        **template_kwargs: Any,
    ) -> Self:
        """Fill in a Jinja template; the metadata and ``template_kwargs`` are its variables.

        Args:
            card_data: the metadata.
            template_path: a template's file; by default one of ours.
            template_str: a template.
            template_kwargs: more variables; they win.

        Raises:
            MissingExtraError: if Jinja2 is not installed.
        """
        try:
            from jinja2.sandbox import SandboxedEnvironment  # templates come from anywhere
        except ImportError as error:
            raise MissingExtraError("Jinja2", "cards", "RepoCard.from_template") from error
        if template_path is not None:
            template_str = Path(template_path).read_text(encoding="utf-8")
        if template_str is None:
            template_str = cls.default_template_path.read_text(encoding="utf-8")
        variables = {**card_data.to_dict(), **template_kwargs}
        template = SandboxedEnvironment(autoescape=False).from_string(template_str)
        return cls(template.render(card_data=card_data.to_yaml(), **variables))


class ModelCard(RepoCard):
    """The card of a model."""

    card_data_class = ModelCardData
    repo_type = "model"


class DatasetCard(RepoCard):
    """The card of a dataset."""

    card_data_class = DatasetCardData
    default_template_path = _TEMPLATES / "dataset_card.md"
    repo_type = "dataset"


class SpaceCard(RepoCard):
    """The card of a Space."""

    card_data_class = SpaceCardData
    repo_type = "space"


def metadata_load(local_path: str | Path) -> dict[str, Any] | None:
    """The metadata of a README, or None if it has none.

    Raises:
        ValueError: if they are not YAML, or not a mapping.
    """
    block = _BLOCK.match(Path(local_path).read_text(encoding="utf-8-sig"))
    return None if block is None else _mapping(block["yaml"]) or None


def metadata_save(local_path: str | Path, data: Mapping[str, Any]) -> None:
    """Put metadata in front of a README, in place of those that are there.

    The rest of the file and its line ends stay as they are; a file that is not there is made.
    """
    import yaml

    path = Path(local_path)
    content = _read(path) if path.exists() else ""
    end = _line_end(content)
    text = yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, line_break=end)
    block = _BLOCK.match(content)
    rest = content if block is None else content[block.end() :]
    _write(path, f"---{end}{text}---{end}{rest}")


def metadata_eval_result(
    *,
    model_pretty_name: str,
    task_pretty_name: str,
    task_id: str,
    metrics_pretty_name: str,
    metrics_id: str,
    metrics_value: Any,
    dataset_pretty_name: str,
    dataset_id: str,
    metrics_config: str | None = None,
    metrics_verified: bool = False,
    dataset_config: str | None = None,
    dataset_split: str | None = None,
    dataset_revision: str | None = None,
    metrics_verification_token: str | None = None,
) -> dict[str, Any]:
    """The metadata of one evaluation result, to be given to `metadata_save`.

    Args:
        model_pretty_name: the model's name for people.
        task_pretty_name: the task's name for people.
        task_id: the task's identifier.
        metrics_pretty_name: the metric's name for people.
        metrics_id: the metric's identifier.
        metrics_value: what was measured.
        dataset_pretty_name: the dataset's name for people.
        dataset_id: the dataset's identifier.
        metrics_config: the metric's configuration.
        metrics_verified: whether the Hub's own service measured it.
        dataset_config: the dataset's configuration.
        dataset_split: its split.
        dataset_revision: its commit.
        metrics_verification_token: that service's proof.
    """
    result = EvalResult(
        task_name=task_pretty_name,
        task_type=task_id,
        metric_name=metrics_pretty_name,
        metric_type=metrics_id,
        metric_value=metrics_value,
        metric_config=metrics_config,
        verified=metrics_verified,
        verify_token=metrics_verification_token,
        dataset_name=dataset_pretty_name,
        dataset_type=dataset_id,
        dataset_config=dataset_config,
        dataset_split=dataset_split,
        dataset_revision=dataset_revision,
    )
    return {"model-index": eval_results_to_model_index(model_pretty_name, [result])}


def metadata_update(repo_id: str, metadata: Mapping[str, Any], **arguments: Any) -> str:
    """Change metadata of a repository's card.

    Raises:
        NotImplementedError: always, for now.
    """
    raise NotImplementedError(
        f"metadata_update is not there yet (for {repo_id}, {sorted(metadata)}, "
        f"{sorted(arguments)}): hfhub only reads"
    )


def _mapping(text: str) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"the metadata of the card are not YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ValueError(  # noqa: TRY004 - the card is bad, not our caller
            f"the metadata of the card are to be a mapping, not a {type(values).__name__}"
        )
    return {str(name): value for name, value in values.items()}


def _line_end(content: str) -> Literal["\r\n", "\r", "\n"]:
    """How the lines of ``content`` end, mostly."""
    returns, feeds, both = (content.count(end) for end in ("\r", "\n", "\r\n"))
    if both and both == returns == feeds:
        return "\r\n"
    return "\r" if returns > feeds else "\n"


def _read(path: Path) -> str:
    with open(path, newline="", encoding="utf-8-sig") as file:
        return file.read()


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that nobody reads half a card."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "w", newline="", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except BaseException:  # also on Ctrl-C: no leftovers
        beside.unlink(missing_ok=True)
        raise


def _fetch(repo_id: str, repo_type: str, token: str | bool | None) -> Path:
    from hfhub.download.file import hf_hub_download

    return Path(hf_hub_download(repo_id, REPOCARD_NAME, repo_type=repo_type, token=token))
