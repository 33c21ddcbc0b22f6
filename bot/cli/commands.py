"""What each command does; one that has no exit status of its own ends with 0.

What a command needs is imported when it runs, so that ``relaycheck hostname`` does not wait for the
SMTP and Slack libraries to load.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from typing import TYPE_CHECKING

from bot.cli.output import say
from bot.logs import start_log
from bot.request import UsageError
from bot.settings import SettingsError, load_settings, unknown_variables

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from bot.cli.status import Status
    from bot.settings import Settings

# Objects; by default it is 700.
_COLLECT_AFTER = 20_000


def check(arguments: argparse.Namespace) -> Status:
    """Check domains."""
    from bot.cli import checking

    return asyncio.run(checking.run(arguments, _settings(logging.WARNING)))


def judge(arguments: argparse.Namespace) -> Status:
    """Judge stored reports and transcripts."""
    from bot.cli import judging

    return asyncio.run(judging.run(arguments, _settings(logging.WARNING)))


def hostname(arguments: argparse.Namespace) -> None:
    """Classify host names."""
    from bot.cli import hostnames

    asyncio.run(hostnames.run(arguments.names))


def doctor(_: argparse.Namespace) -> Status:
    """Examine the set-up."""
    from bot.cli import examining

    return asyncio.run(examining.run(_settings(logging.ERROR)))


def history(arguments: argparse.Namespace) -> None:
    """Show what was found over time."""
    from bot.cli import remembering

    asyncio.run(remembering.run(arguments.domain, _settings(logging.WARNING)))


def audit(arguments: argparse.Namespace) -> None:
    """Print who did what."""
    from bot.cli import auditing

    asyncio.run(auditing.run(arguments.since, _settings(logging.WARNING)))


def manifest(arguments: argparse.Namespace) -> None:
    """Print the Slack app's manifest."""
    from bot.slack.front.manifest import manifest_text

    try:
        text = manifest_text(arguments.url, workflow=arguments.workflow)
    except ValueError as error:
        raise UsageError(f"--url: {error}") from None
    sys.stdout.write(text)


def probing_txt(_: argparse.Namespace | None) -> None:
    """Print the file that tells who probes."""
    from bot.cli import probing

    probing.run(_settings(logging.ERROR))


def serve(_: argparse.Namespace) -> None:
    """Run the Slack app until it is told to stop."""
    from bot.app import serve as serve_slack
    from bot.slack.front.installation import ConfigurationError

    settings = _settings(logging.INFO)
    _collect_seldom()
    try:
        asyncio.run(serve_slack(settings))
    except ConfigurationError as error:
        raise SettingsError((str(error),)) from None


def _collect_seldom() -> None:
    """Look for cyclic garbage less often, and never in what was loaded until now.

    A look through the libraries alone takes 50 ms in which nobody is answered, and a thousand
    commands at once make for ten of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def sandbox(arguments: argparse.Namespace) -> None:
    """Run the sandbox until it is told to stop."""
    from bot.cli import trying

    asyncio.run(trying.run(arguments))


COMMANDS: dict[str, Callable[[argparse.Namespace], Status | None]] = {
    "check": check,
    "judge": judge,
    "history": history,
    "audit": audit,
    "hostname": hostname,
    "doctor": doctor,
    "manifest": manifest,
    "probing-txt": probing_txt,
    "sandbox": sandbox,
    "serve": serve,
}


def _settings(level: int) -> Settings:
    """Load the settings, say what an operator must not overlook, and start the log on stderr."""
    start_log(level)
    settings = load_settings()
    for sentence in unknown_variables():
        say(sentence)
    if settings.allow_networks:
        networks = ", ".join(map(str, settings.allow_networks))
        say(f"RELAYCHECK_ALLOW_NETWORKS lets checks contact {networks}, whatever is there.")
    return settings
