"""The command line: its arguments, its commands, its streams and its exit status.

Its user is the operator: rates, policy and consent are for Slack, the address filter holds here
too. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from bot.cli.arguments import read_arguments
from bot.cli.commands import COMMANDS
from bot.cli.output import say
from bot.cli.status import Status
from bot.request import UsageError
from bot.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status of the process.

    Raises:
        SystemExit: argparse's way to show help (0) or to refuse arguments (2).
    """
    arguments = read_arguments(sys.argv[1:] if argv is None else argv)
    try:
        return COMMANDS[arguments.command](arguments) or Status.CLOSED
    except UsageError as error:
        say(error.message)
        return Status.USAGE
    except SettingsError as error:
        for problem in error.problems:
            say(problem)
        return Status.USAGE
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except (Exception, BaseExceptionGroup) as error:  # the outermost handler
        if not _is_broken_pipe(error):
            # Never 1, which says that a relay is open.
            log.exception("a fault of ours")
            return Status.UNKNOWN
        # Nobody reads on (`| head`); Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Status.UNKNOWN


def _is_broken_pipe(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return error.split(BrokenPipeError)[1] is None
    return isinstance(error, BrokenPipeError)
