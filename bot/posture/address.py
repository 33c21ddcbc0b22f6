"""The addresses of an MX host: its A and AAAA RRsets (RFC 5321 §5.1, RFC 2181 §10.3).

Pure. Two families are asked, and each may answer, deny or fail:

* Any records: they are the host's addresses.
* No records, both families definite: the host does not resolve (``MX_UNRESOLVABLE``). NXDOMAIN for
  one family speaks for both, since the name has no records of any type (RFC 8020 §2).
* No records and one family failed: nothing is known (``dns_failed``).
* Records of one family while the other failed: the addresses are asked, and the host is
  ``not_probed/dns_failed`` beside them. There may be an address that we could not see and that
  relays; a host half seen is never called closed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from bot.model.finding import Finding, Tag
from bot.model.question import AnswerStatus, QType, Question
from bot.posture import trouble
from bot.posture.limits import DEFAULT_LIMITS, Limits
from bot.posture.mx import OVER_LIMIT, UNUSABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.model.question import Answer
    from bot.model.verdict import Judgement


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """A host's addresses, IPv4 first, each family in numerical order.

    ``skipped`` says what of the host was not asked and why; it may stand beside addresses (see
    above). ``over_limit`` are further addresses, named only.
    """

    addresses: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: Judgement | None = None
    over_limit: tuple[str, ...] = ()


def questions(host: str, answers: Mapping[Question, Answer]) -> tuple[Question, ...]:
    """Return what is still to be asked of A and AAAA; they are asked side by side."""
    return tuple(question for question in _families(host) if question not in answers)


def judge(
    host: str,
    answers: Mapping[Question, Answer],
    limits: Limits = DEFAULT_LIMITS,
    *,
    implicit: bool = False,
) -> HostAddresses:
    """Say which addresses a host has.

    Args:
        host: a host name.
        answers: what ``questions`` asked, answered.
        limits: how many addresses are taken.
        implicit: the host is the domain itself, which may be an alias (RFC 5321 §5.1); the name
            in an MX RR may not (RFC 2181 §10.3).
    """
    a, aaaa = (answers[question] for question in _families(host))
    found = list(trouble.findings((a, aaaa)))
    if not implicit and (aliases := a.aliases or aaaa.aliases):
        found.append(Finding(Tag.MX_IS_ALIAS, {"host": host, "target": aliases[-1]}))
    if not a.records and not aaaa.records:
        return _without_addresses(host, (a, aaaa), tuple(found))
    taken, beyond = _take(a.records, aaaa.records, limits.addresses_per_host)
    skipped = trouble.DNS_FAILED if _half_seen(a, aaaa) else OVER_LIMIT if beyond else None
    return HostAddresses(taken, tuple(found), skipped, beyond)


def without(found: HostAddresses, ips: Sequence[str]) -> HostAddresses:
    """Return the same with some addresses moved over the limit."""
    if not ips:
        return found
    return replace(
        found,
        addresses=tuple(ip for ip in found.addresses if ip not in ips),
        skipped=found.skipped or OVER_LIMIT,
        over_limit=(*ips, *found.over_limit),
    )


def _without_addresses(
    host: str, pair: tuple[Answer, Answer], found: tuple[Finding, ...]
) -> HostAddresses:
    statuses = {answer.status for answer in pair}
    if AnswerStatus.NXDOMAIN in statuses:
        status = AnswerStatus.NXDOMAIN
    elif statuses == {AnswerStatus.NODATA}:
        status = AnswerStatus.NODATA
    else:
        return HostAddresses(findings=found, skipped=trouble.DNS_FAILED)
    finding = Finding(Tag.MX_UNRESOLVABLE, {"host": host, "status": status.value})
    return HostAddresses(findings=(*found, finding), skipped=UNUSABLE)


def _half_seen(*pair: Answer) -> bool:
    return not all(answer.status.is_definite for answer in pair)


def _take(
    a: tuple[str, ...], aaaa: tuple[str, ...], limit: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Share the limit between the families, so that many of one never hide the other."""
    v4 = sorted({ipaddress.IPv4Address(text) for text in a})
    v6 = sorted({ipaddress.IPv6Address(text) for text in aaaa})
    turns = [ip for ip in chain.from_iterable(zip_longest(v4, v6)) if ip is not None]
    taken = set(turns[:limit])
    in_order = [*v4, *v6]
    return (
        tuple(str(ip) for ip in in_order if ip in taken),
        tuple(str(ip) for ip in in_order if ip not in taken),
    )


def _families(host: str) -> tuple[Question, Question]:
    return Question(host, QType.A), Question(host, QType.AAAA)
