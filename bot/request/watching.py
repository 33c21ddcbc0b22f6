"""What stands after ``watch`` and ``unwatch``: a domain, how often, and a channel.

The domain comes first, the channel in any place behind it; what is left says how often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.request.domain import find_domain
from bot.request.schedule import DAILY, parse_schedule
from bot.request.typed import UsageError, quoted, words_of

if TYPE_CHECKING:
    from bot.model.domain_name import DomainName
    from bot.model.schedule import Schedule

# https://docs.slack.dev/messaging/formatting-message-text: <#C024BE7LR|general>.
_CHANNEL = re.compile(r"<#(?P<id>[CG][A-Z0-9]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A watch as it was asked for; ``channel`` is Slack's id, empty: where it was typed."""

    domain: DomainName
    schedule: Schedule = DAILY
    channel: str = ""


def parse_watch(text: str, *, allowed_suffixes: tuple[str, ...] = ()) -> Wanted:
    """Read the text after ``watch``.

    Args:
        text: As Slack delivers it.
        allowed_suffixes: Special-use names to take like any other.

    Raises:
        UsageError: It has no domain, or something beside an interval and a channel.
    """
    domain, channel, rest = _parted(text, "watch example.com every 6h", allowed_suffixes)
    return Wanted(domain=domain, schedule=parse_schedule(rest), channel=channel)


def parse_unwatch(text: str, *, allowed_suffixes: tuple[str, ...] = ()) -> Wanted:
    """Read the text after ``unwatch``; arguments and errors as ``parse_watch``."""
    domain, channel, rest = _parted(text, "unwatch example.com", allowed_suffixes)
    if rest:
        raise UsageError(
            f"I do not know what {quoted(rest)} means here: "
            "type only the domain, as in `unwatch example.com`."
        )
    return Wanted(domain=domain, channel=channel)


def _parted(
    text: str, example: str, allowed_suffixes: tuple[str, ...]
) -> tuple[DomainName, str, str]:
    """Return the domain, the channel's id, and what is left."""
    words = words_of(text)
    channels = [found["id"] for word in words if (found := _CHANNEL.fullmatch(word))]
    others = [word for word in words if not _CHANNEL.fullmatch(word)]
    named = next((word for word in others if word.startswith("#")), None)
    if named is not None:
        raise UsageError(
            f"I cannot tell which channel {quoted(named)} is: choose it from the list that Slack "
            "shows while you type, or leave it out to mean this one."
        )
    if len(channels) > 1:
        raise UsageError(f"Name one channel at most: type for example `{example}`.")
    if not others:
        raise UsageError(f"Name the domain: type for example `{example}`.")
    domain = find_domain(others[0], allowed_suffixes)
    return domain, "".join(channels), " ".join(others[1:])
