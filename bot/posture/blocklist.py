"""DNS blocklists: how one is asked about an address, and what its answer says (RFC 5782).

Pure; the lists are data, ``blocklists.toml`` or a file of the operator's in the same form. A list
is believed only while it passes the test of RFC 5782 §5: it lists 127.0.0.2 and does not list
127.0.0.1. A dead list lists nothing and a parked one lists the world; a list that refuses us may do
either, and public resolvers get a false "not listed" from some. So everything but a documented
code or NXDOMAIN of a list that passes is ``unknown``, which is neither good nor bad.
"""

from __future__ import annotations

import ipaddress
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.model.domain_name import is_host_name
from bot.model.finding import Finding, Tag
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import Listing, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")  # RFC 5782 §2.1: what an answer may be
_REFUSAL = ipaddress.ip_network("127.255.255.0/24")  # an agreement among the large lists
_FAMILIES = {"ipv4": 4, "ipv6": 6}
# RFC 5782 §5: what every list must list, and must not, by family.
MUST_LIST = {4: "127.0.0.2", 6: "::ffff:127.0.0.2"}
_MUST_NOT = {4: "127.0.0.1", 6: "::ffff:127.0.0.1"}
_KINDS = {"families": list, "not_listed": list, "codes": dict, "refusals": dict, "by_code": dict}
_TEXTS = frozenset(
    ("zone", "shown", "key", "replaces", "policy", "lookup", "delisting", "evidence", "lasts")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What a list wants to see before it forgets an address, and how long a listing lasts."""

    evidence: str = ""
    lasts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocklist:
    """One list; the fields are those of ``blocklists.toml``, and told there."""

    zone: str
    shown: str
    versions: frozenset[int]
    codes: Mapping[str, str] = field(default_factory=dict)
    not_listed: frozenset[str] = frozenset()
    refusals: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    replaces: str = ""
    policy: str = ""
    lookup: str = ""
    delisting: str = ""
    evidence: str = ""
    lasts: str = ""
    by_code: Mapping[str, Removal] = field(default_factory=dict)

    def removal(self, codes: Iterable[str]) -> Removal:
        """Return what it wants for a listing with these codes: the first that it tells apart."""
        apart = (self.by_code[code] for code in codes if code in self.by_code)
        return next(apart, Removal(evidence=self.evidence, lasts=self.lasts))


class Trust(StrEnum):
    """What the test entries say of a list; the words go into logs."""

    PASSED = "passed"
    REFUSES = "refuses"
    DEAD = "dead"
    LISTS_ALL = "lists_all"
    UNKNOWN = "unknown"


def parse_blocklists(text: str) -> tuple[Blocklist, ...]:
    """Read lists from TOML.

    Raises:
        ValueError: the text is no TOML, holds no list, or a list has no zone, a field that is none
            or a value that does not fit; the message says which.
    """
    tables = tomllib.loads(text).get("list", ())
    lists = tuple(_blocklist(dict(table)) for table in tables)
    if not lists:
        raise ValueError('no list: write [[list]] and zone = "bl.example.org" below it')
    return lists


def _blocklist(table: dict[str, Any]) -> Blocklist:
    zone = str(table.get("zone", "")).strip(".").lower()
    if not is_host_name(zone):
        raise ValueError(f"{zone!r} is no zone of a blocklist: write one such as bl.example.org")
    for name, value in table.items():
        kind = _KINDS.get(name, str if name in _TEXTS else None)
        if kind is None or not isinstance(value, kind):
            raise ValueError(f"the blocklist {zone} cannot have {name} = {value!r}")
    families = table.pop("families", ["ipv4"])
    if not families or set(families) - set(_FAMILIES):
        raise ValueError(f"the blocklist {zone} has other families than ipv4 and ipv6")
    table["versions"] = frozenset(_FAMILIES[family] for family in families)
    table["not_listed"] = frozenset(table.get("not_listed", ()))
    try:
        table["by_code"] = {c: Removal(**told) for c, told in table.get("by_code", {}).items()}
    except TypeError:
        message = f"the blocklist {zone} has other things than evidence and lasts under by_code"
        raise ValueError(message) from None
    return Blocklist(**{"shown": zone, **table, "zone": zone})


_TOML = resources.files("bot.posture").joinpath("blocklists.toml").read_text(encoding="utf-8")
_SAID: Mapping[str, str] = tomllib.loads(_TOML)["said"]
BUILT_IN = parse_blocklists(_TOML)

# By the name in a Listing: where a person looks a listing up, and asks for its removal.
BY_NAME = {one.shown: one for one in reversed(BUILT_IN)}


def choose(lists: Iterable[Blocklist], keys: Collection[str]) -> tuple[Blocklist, ...]:
    """Leave out the lists whose key is missing, and those that one with a key stands for."""
    usable = [one for one in lists if not one.key or one.key in keys]
    replaced = {one.replaces for one in usable if one.replaces}
    return tuple(one for one in usable if one.zone not in replaced)


def question(blocklist: Blocklist, ip: str, key: str = "") -> Question:
    """Return what a list is asked about an address (RFC 5782 §2.1, §2.4)."""
    reverse = ipaddress.ip_address(ip).reverse_pointer
    backwards = reverse.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    zone = f"{key}.{blocklist.zone}" if key else blocklist.zone
    return Question(f"{backwards}.{zone}", QType.A)


def trial(blocklist: Blocklist, key: str = "") -> tuple[Question, Question]:
    """Return the questions of the test: the entry that must be listed, and the one that must not.

    RFC 5782 §5; its IPv6 entries, ::FFFF:7F00:2 and ::FFFF:7F00:1, serve lists without IPv4.
    """
    family = 4 if 4 in blocklist.versions else 6
    listed, free = MUST_LIST[family], _MUST_NOT[family]
    return question(blocklist, listed, key), question(blocklist, free, key)


def judge_trial(listed: Answer, free: Answer) -> tuple[Trust, str]:
    """Say whether a list can be believed, and in words why not."""
    codes = (*listed.records, *free.records)
    if AnswerStatus.REFUSED in (listed.status, free.status) or any(map(_is_refusal, codes)):
        return Trust.REFUSES, _SAID["refuses"]
    if free.records:
        return Trust.LISTS_ALL, _SAID["lists_all"]
    for answer in (listed, free):
        if not answer.status.is_definite:
            return Trust.UNKNOWN, _SAID["untested"].format(status=answer.status.value)
    if not listed.records:
        return Trust.DEAD, _SAID["dead"]
    if not all(_is_loopback(code) for code in listed.records):
        return Trust.LISTS_ALL, _SAID["parked"]
    return Trust.PASSED, ""


def judge(blocklist: Blocklist, answer: Answer, trust: Trust, why: str = "") -> Listing:
    """Say what a list's answer about an address means.

    Args:
        blocklist: the list.
        answer: what ``question`` brought.
        trust: what ``judge_trial`` said of the list.
        why: its words.
    """
    status, detail = _status(blocklist, answer)
    if trust is not Trust.PASSED:
        detail = detail if status is ListingStatus.UNKNOWN and detail else why
        status = ListingStatus.UNKNOWN
    codes = tuple(sorted(answer.records, key=ipaddress.ip_address))
    return Listing(blocklist.shown, status, codes, detail)


def _status(blocklist: Blocklist, answer: Answer) -> tuple[ListingStatus, str]:
    if not answer.status.is_definite:
        return ListingStatus.UNKNOWN, _SAID["no_answer"].format(status=answer.status.value)
    for code in answer.records:
        if code in blocklist.refusals or _is_refusal(code) or not _is_loopback(code):
            said = blocklist.refusals.get(code) or _SAID["no_listing"].format(code=code)
            return ListingStatus.UNKNOWN, said
    told = [code for code in answer.records if code not in blocklist.not_listed]
    if not told:
        return ListingStatus.CLEAN, ""
    known = [blocklist.codes[code] for code in told if code in blocklist.codes]
    if blocklist.codes and not known:
        return ListingStatus.UNKNOWN, _SAID["no_meaning"].format(code=told[0])
    return ListingStatus.LISTED, "; ".join(known)


def findings(ip: str, listings: Iterable[Listing]) -> tuple[Finding, ...]:
    """Return BLOCKLISTED for each list that an address is on."""
    return tuple(
        Finding(
            Tag.BLOCKLISTED,
            {
                "ip": ip,
                "list": listing.list,
                "codes": ", ".join(listing.codes),
                "meaning": listing.detail,
            },
        )
        for listing in listings
        if listing.status is ListingStatus.LISTED
    )


def _is_loopback(code: str) -> bool:
    return ipaddress.ip_address(code) in _LOOPBACK


def _is_refusal(code: str) -> bool:
    return ipaddress.ip_address(code) in _REFUSAL
