"""``hfhub auth``: tokens of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.cli import show
from hfhub.cli.codes import ExitCode

if TYPE_CHECKING:
    import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and those below it."""
    parser = commands.add_parser(
        "auth",
        help="log in and out, change between tokens",
        description="Keep the tokens of this machine, in the files that all Hub clients share.",
    )
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    sub = below.add_parser("login", help="save a token and use it")
    sub.add_argument("--token", metavar="TOKEN", help="default: asked for, not shown")
    sub.add_argument("--add-to-git-credential", action="store_true", help="tell git, too")
    sub.add_argument("--force", action="store_true", help="even when logged in already")
    sub.set_defaults(run=login)

    sub = below.add_parser("logout", help="forget a token, or all")
    sub.add_argument("name", metavar="NAME", nargs="?", help="one of `auth list` (default: all)")
    sub.set_defaults(run=logout)

    sub = below.add_parser("list", help="the saved tokens, masked")
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub.set_defaults(run=list_tokens)

    sub = below.add_parser("switch", help="use another saved token")
    sub.add_argument("name", metavar="NAME", help="one of `auth list`")
    sub.add_argument("--add-to-git-credential", action="store_true", help="tell git, too")
    sub.set_defaults(run=switch)

    sub = below.add_parser("whoami", help="whose token it is")
    sub.add_argument("--token", metavar="TOKEN", help="default: this machine's")
    sub.add_argument("--endpoint", metavar="URL", help="the Hub (default: HF_ENDPOINT)")
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub.set_defaults(run=whoami)


def login(options: argparse.Namespace) -> int:
    """Save a token once the Hub has accepted it."""
    from hfhub.signin import login as log_in

    log_in(
        options.token,
        add_to_git_credential=options.add_to_git_credential,
        skip_if_logged_in=not options.force,
    )
    print("logged in; `hfhub auth whoami` says as whom")
    return 0


def logout(options: argparse.Namespace) -> int:
    """Forget tokens."""
    from hfhub.cli.failure import UsageError
    from hfhub.signin import logout as log_out
    from hfhub.stored_tokens import get_stored_tokens

    if options.name is not None and options.name not in (known := get_stored_tokens()):
        raise UsageError(
            f"no token is called {options.name!r}; saved are: {', '.join(known) or '-'}"
        )
    log_out(options.name)
    print("logged out" if options.name is None else f"forgot {options.name}")
    return 0


def list_tokens(options: argparse.Namespace) -> int:
    """Show the saved tokens."""
    from hfhub import signin as module

    if not options.json:
        module.auth_list()
        return 0
    show.as_json(
        [
            {"name": name, "token": masked, "active": is_active}
            for name, masked, is_active in module.list_tokens()
        ]
    )
    return 0


def switch(options: argparse.Namespace) -> int:
    """Use another token."""
    from hfhub.signin import auth_switch

    auth_switch(options.name, options.add_to_git_credential)
    print(f"using {options.name}")
    return 0


def whoami(options: argparse.Namespace) -> int:
    """Show whose token it is."""
    from hfhub.api import HfApi
    from hfhub.auth import get_token

    if options.token is None and get_token() is None:
        print("not logged in; `hfhub auth login` saves a token")
        return ExitCode.DENIED
    facts = HfApi(endpoint=options.endpoint, token=options.token).whoami()
    if options.json:
        show.as_json(facts)
        return 0
    teams = [str(team.get("name")) for team in facts.get("orgs") or [] if isinstance(team, dict)]
    show.facts(
        [
            ("user", facts.get("name")),
            ("name", facts.get("fullname")),
            ("organizations", ", ".join(teams) or None),
        ]
    )
    return 0
