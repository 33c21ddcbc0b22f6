"""The arguments of the command line.

argparse: it stands in the standard library, exits with 2 and writes to stderr as the contract has
it, and starts in no time; nothing that a larger library would add is needed here. What the commands
do is ``bot.cli.commands``'.
"""

from __future__ import annotations

import argparse
import shlex
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, NoReturn, TypeVar

from bot.render.inert import inert
from bot.request.nearest import nearest
from bot.request.options import NO_PROBE, OPTIONS, PORTS, PROVE, VARIANTS
from bot.settings.values import parse_port, parse_resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - its only name

_T = TypeVar("_T")

DEFAULT_CONCURRENCY = 10
MAX_WAIT_S = 86_400
# As for the options in Slack (``bot.request.command``).
_OPTION_NEAR = 0.6
MAX_CONCURRENCY = 1000
_EPILOG = """\
exit status of check and judge:
  0  nothing is open, and every host answered
  1  at least one host takes a stranger's mail
  2  usage, or a domain that is none
  3  something could not be learnt

settings: RELAYCHECK_… in the environment or in a .env file; the README lists them
"""


def read_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command and its options.

    Raises:
        SystemExit: argparse's way to show help (0) or to refuse arguments (2); a slip is told what
            was meant.
    """
    parser, commands = _make()
    if argv and not argv[0].startswith("-") and argv[0] not in commands.choices:
        _refuse_command(parser, commands, argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        _refuse_options(commands.choices[arguments.command], unknown)
    return arguments


def _make() -> tuple[argparse.ArgumentParser, _Commands]:
    parser = argparse.ArgumentParser(
        prog="relaycheck",
        description="Can a stranger send mail through this domain's servers?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    version = metadata.version("relaycheck")
    parser.add_argument("--version", action="version", version=f"relaycheck {version}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_judge(commands)
    _add_hostname(commands)
    _add_manifest(commands)
    _add_history(commands)
    _add_audit(commands)
    _add_sandbox(commands)
    _add(commands, "doctor", "say whether relaycheck is set up so that servers take it seriously")
    _add(commands, "probing-txt", "print the file that tells who probes, to publish (RFC 9511)")
    _add(commands, "serve", "run the Slack app, by Socket Mode or HTTP as the settings say")
    return parser, commands


def _refuse_command(
    parser: argparse.ArgumentParser, commands: _Commands, argv: Sequence[str]
) -> NoReturn:
    typed, *rest = argv
    # What has a dot is a domain, and somebody wants to check it.
    meant = "check " + typed if "." in typed else nearest(typed, commands.choices)
    if meant is None:
        parser.error(f"{typed!r} is no command: choose from {', '.join(commands.choices)}")
    command = shlex.join(["relaycheck", *meant.split(maxsplit=1), *rest])
    parser.error(f"{typed!r} is no command: did you mean `{inert(command)}`?")


def _refuse_options(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> NoReturn:
    """Refuse what a command does not know; an option, with the one that it is nearest to."""
    typed = next((word for word in unknown if word.startswith("-")), unknown[0])
    known = list(parser._option_string_actions)  # noqa: SLF001 - argparse has no other list
    name = typed.partition("=")[0]
    meant = nearest(name, known, near=_OPTION_NEAR) if name.startswith("-") else None
    question = f": did you mean `{meant}`?" if meant else ""
    parser.error(f"unrecognized argument {typed!r}{question}")


def _add(commands: _Commands, name: str, about: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}.", allow_abbrev=False
    )


def _add_check(commands: _Commands) -> None:
    check = _add(commands, "check", "check domains, and exit with what was found")
    check.add_argument("domains", nargs="+", metavar="DOMAIN", help="a domain; - reads stdin")
    _add_form(check)
    for name in (NO_PROBE, VARIANTS, PROVE):
        check.add_argument(name, action="store_true", help=OPTIONS[name].summary)
    check.add_argument(PORTS, metavar=OPTIONS[PORTS].value, help=OPTIONS[PORTS].summary)
    check.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_reader(_wait),
        default=0,
        help="ask a greylisting server once more, after at most so long (default: %(default)s)",
    )
    check.add_argument(
        "--resolver",
        metavar="R",
        type=_reader(parse_resolver),
        help="system, udp://IP[:PORT], tls://IP[:PORT] or an https:// address",
    )
    check.add_argument(
        "--concurrency",
        metavar="N",
        type=_reader(_concurrency),
        default=DEFAULT_CONCURRENCY,
        help="domains that are checked at once (default: %(default)s)",
    )


def _add_judge(commands: _Commands) -> None:
    judge = _add(commands, "judge", "judge a stored report or a telnet transcript by today's rules")
    judge.add_argument("file", metavar="FILE", help="JSON reports or a transcript; - reads stdin")
    judge.add_argument("--domain", help="whose mail server a transcript is of")
    _add_form(judge)


def _add_form(command: argparse.ArgumentParser) -> None:
    """Let a command's results be written otherwise than as cards."""
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON report a line, on stdout")
    form.add_argument("--html", action="store_true", help="one report as an HTML page, on stdout")


def _add_hostname(commands: _Commands) -> None:
    hostname = _add(commands, "hostname", "say what kind of host a reverse DNS name looks like")
    hostname.add_argument(
        "names", nargs="+", metavar="NAME", help="a PTR name; - reads stdin, NAME [ADDRESS] a line"
    )


def _add_manifest(commands: _Commands) -> None:
    manifest = _add(commands, "manifest", "print the Slack app's manifest")
    manifest.add_argument("--url", help="where Slack reaches the app; without: Socket Mode")
    manifest.add_argument("--workflow", action="store_true", help="offer a step for workflows")


def _add_history(commands: _Commands) -> None:
    history = _add(commands, "history", "show what checks found over time")
    history.add_argument("domain", nargs="?", metavar="DOMAIN", help="without: the latest domains")


def _add_audit(commands: _Commands) -> None:
    audit = _add(commands, "audit", "print who did what in Slack, as a JSON object a line")
    audit.add_argument(
        "--since",
        metavar="WHEN",
        type=_reader(_moment),
        default=datetime.fromtimestamp(0, UTC),
        help="a day or a moment, in UTC: 2026-11-24, 2026-11-24T12:03; without: all that is kept",
    )


def _add_sandbox(commands: _Commands) -> None:
    sandbox = _add(commands, "sandbox", "try everything on this machine, in a browser")
    sandbox.add_argument("--port", metavar="N", type=_reader(parse_port), help="of the page")
    sandbox.add_argument("--http", action="store_true", help="HTTP instead of Socket Mode")
    sandbox.add_argument("--no-browser", action="store_true", help="only print the address")


def _concurrency(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_CONCURRENCY:
        raise ValueError(f"{text!r}: write a number from 1 to {MAX_CONCURRENCY}")
    return int(text)


def _wait(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_WAIT_S:
        raise ValueError(f"{text!r}: write a number of seconds from 0 to {MAX_WAIT_S}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r}: write a day or a moment, 2026-11-24 or 2026-11-24T12:03"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reader(read: Callable[[str], _T]) -> Callable[[str], _T]:
    """Let argparse show the sentence of a ValueError, which it otherwise replaces."""

    def argument(text: str) -> _T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return argument
