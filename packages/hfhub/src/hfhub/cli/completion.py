"""``hfhub completion``: scripts that let a shell complete commands and options."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOW = {
    "bash": 'eval "$(hfhub completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(hfhub completion zsh)"  # in ~/.zshrc, after compinit',
    "fish": "hfhub completion fish | source  # in ~/.config/fish/config.fish",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "completion",
        help="let the shell complete commands and options",
        description="Print a script for a shell: " + "; ".join(_HOW.values()),
    )
    parser.add_argument("shell", choices=tuple(_HOW))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from hfhub.cli.run import make_parser

    places = list(_places(make_parser(), ()))
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](places))
    return 0


@dataclass(frozen=True)
class Place:
    """A point in the command line where something can be completed.

    Attributes:
        path: the commands before it.
        commands: those that can follow, with their help.
        flags: the options that can follow, with their help.
    """

    path: tuple[str, ...]
    commands: dict[str, str]
    flags: dict[str, str]

    @property
    def words(self) -> str:
        """Everything that can follow."""
        return " ".join([*self.commands, *self.flags])


def _places(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> Iterator[Place]:
    commands: dict[str, str] = {}
    flags: dict[str, str] = {}
    below: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to walk a parser
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            below = dict(action.choices)
            commands = {
                choice.dest: choice.help or ""
                for choice in action._choices_actions  # noqa: SLF001 - as above
            }
        else:
            flags |= {
                flag: action.help or "" for flag in action.option_strings if flag.startswith("--")
            }
            if not action.option_strings and action.choices:
                commands |= {str(choice): "" for choice in action.choices}
    yield Place(path, commands, flags)
    for name, sub in below.items():
        yield from _places(sub, (*path, name))


def _cases(places: list[Place]) -> str:
    return "\n".join(f'    "{" ".join(place.path)}") words="{place.words}" ;;' for place in places)


def _bash(places: list[Place]) -> str:
    known = "|".join(" ".join(place.path) for place in places if place.path)
    return f"""_hfhub() {{
  local i word where="" words=""
  local current="${{COMP_WORDS[COMP_CWORD]}}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{where:+$where }}${{COMP_WORDS[i]}}"
    case "|{known}|" in
      *"|$word|"*) where="$word" ;;
    esac
  done
  case "$where" in
{_cases(places)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _hfhub hfhub"""


def _zsh(places: list[Place]) -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash(places)}"


def _fish(places: list[Place]) -> str:
    lines = ["complete -c hfhub -e"]
    for place in places:
        condition = _fish_condition(place, places)
        for name, text in place.commands.items():
            lines.append(
                f"complete -c hfhub -n {_quoted(condition)} -f -a {name} -d {_quoted(text)}"
            )
        for flag, text in place.flags.items():
            lines.append(
                f"complete -c hfhub -n {_quoted(condition)} -l {flag[2:]} -d {_quoted(text)}"
            )
    return "\n".join(lines)


def _fish_condition(place: Place, places: list[Place]) -> str:
    if not place.path:
        return "__fish_use_subcommand"
    seen = "; and ".join(f"__fish_seen_subcommand_from {name}" for name in place.path)
    below = [p.path[-1] for p in places if p.path[:-1] == place.path]
    return f"{seen}; and not __fish_seen_subcommand_from {' '.join(below)}" if below else seen


def _quoted(text: str) -> str:
    escaped = text.replace("%%", "%").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
