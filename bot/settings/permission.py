"""How the words about who may do what are read: rates, the policy of probing, consent, roles.

Each reader raises a ValueError, a clause that says what to write. Knows spellings and no more; what
is decided by them is ``bot.policy``'s, and counting by rates is the Slack app's, since they are for
Slack alone.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from bot.model.domain_name import DomainNameError, parse_domain_name
from bot.settings.values import IPNetwork, parse_networks, split_words

_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(rf"(?P<amount>[1-9]\d{{0,5}})\s*/\s*(?P<period>{'|'.join(_PERIODS)})", re.ASCII)
_SHORTEST_SECRET = 16
# https://docs.slack.dev/reference/objects/user-object: U or W; of user groups: S.
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}", re.ASCII)
_GROUP = re.compile(r"S[A-Z0-9]{2,30}", re.ASCII)


class ProbePolicy(StrEnum):
    """Whose mail servers may be asked from Slack."""

    ANYONE = "anyone"
    VERIFIED = "verified"
    OFF = "off"


class Rate(NamedTuple):
    """So many probes in a period of so many seconds; ``period`` is its word."""

    amount: int
    period_s: int
    period: str


class Named(NamedTuple):
    """What an operator names: networks, and domains with all below them."""

    networks: tuple[IPNetwork, ...] = ()
    domains: tuple[str, ...] = ()


class People(NamedTuple):
    """Whom an operator names in Slack, by Slack's ids: people, and user groups."""

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def parse_rate(value: object) -> Rate | None:
    """Read ``20/hour``; ``off`` is no rate at all."""
    if value is None or isinstance(value, Rate):
        return value
    word = str(value).lower()
    if word == "off":
        return None
    rate = _RATE.fullmatch(word)
    if rate is None:
        raise ValueError(
            f"{word!r} is no rate: write off, or a number for each second, minute, hour or day, "
            "such as 20/hour"
        )
    return Rate(int(rate["amount"]), _PERIODS[rate["period"]], rate["period"])


def parse_policy(value: object) -> ProbePolicy:
    """Read a policy of probing."""
    try:
        return ProbePolicy(str(value).lower())
    except ValueError:
        raise ValueError(f"{value!r} is no policy: write anyone, verified or off") from None


def parse_named(value: object) -> Named:
    """Read networks in CIDR notation and domain names, in any order."""
    if isinstance(value, Named):
        return value
    networks: list[IPNetwork] = []
    domains: list[str] = []
    for word in map(str, split_words(value)):
        try:
            if re.search(r"[:/]|\A[\d.]+\Z", word, re.ASCII):
                networks += parse_networks(word)
            else:
                domains.append(parse_domain_name(word.strip(".")).ascii)
        except DomainNameError as error:
            raise ValueError(
                f"{word!r} is neither network nor domain, because {error}: "
                "write such as 203.0.113.0/24 or example.com"
            ) from None
    return Named(tuple(networks), tuple(domains))


def parse_people(value: object) -> People:
    """Read Slack's ids of people and user groups, in any order."""
    if isinstance(value, People):
        return value
    people: list[str] = []
    groups: list[str] = []
    for word in map(str, split_words(value)):
        if _PERSON.fullmatch(word):
            people.append(word)
        elif _GROUP.fullmatch(word):
            groups.append(word)
        else:
            raise ValueError(
                f"{word!r} is no id of a person or user group in Slack: copy it from the profile's "
                "menu, such as U012AB3CD or S012AB3CD"
            )
    return People(tuple(people), tuple(groups))


def parse_secret(value: object) -> str:
    """Check a secret of the operator's own making; it is never shown."""
    word = str(value)
    if len(word) < _SHORTEST_SECRET:
        raise ValueError(
            f"too short to be a secret: write at least {_SHORTEST_SECRET} characters that nobody "
            "can guess"
        )
    return word
