"""Reverse DNS of an address, and whether a forward look-up confirms it (FCrDNS).

PTR names (RFC 1035 §3.5, RFC 3596 §2.5; through a CNAME where RFC 2317 delegates them), and the
``iprev`` results of RFC 8601 §2.7.3: pass when any PTR name has the address among its own,
fail when all were seen and none has it, temperror when some were not: a look-up failed, or there
are more names than are looked up. Pure.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.domain_name import is_host_name
from bot.model.finding import Finding, Tag
from bot.model.question import AnswerStatus, QType, Question
from bot.model.report import Fcrdns, HostnameClass
from bot.posture import hostname, trouble
from bot.posture.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.model.question import Answer

_CLASS_TAGS = {
    HostnameClass.DYNAMIC: Tag.PTR_DYNAMIC,
    HostnameClass.GENERIC: Tag.PTR_GENERIC,
    HostnameClass.CLOUD: Tag.PTR_CLOUD_DEFAULT,
}
# Receivers look at whichever name comes first, so the least trusted of several counts.
_LEAST_TRUSTED_FIRST = (
    HostnameClass.DYNAMIC,
    HostnameClass.GENERIC,
    HostnameClass.CLOUD,
    HostnameClass.UNKNOWN,
    HostnameClass.STATIC,
    HostnameClass.MAIL,
)


@dataclass(frozen=True, slots=True)
class AddressPosture:
    """How an address presents itself. ``ptr`` holds every name as DNS gave it, sorted."""

    ptr: tuple[str, ...]
    fcrdns: Fcrdns
    hostname_class: HostnameClass
    findings: tuple[Finding, ...] = ()


# What is known of an address that is over the limit: nothing, which is neither pass nor fail.
NOT_ASKED = AddressPosture((), Fcrdns.TEMPERROR, HostnameClass.UNKNOWN)


def questions(
    ip: str, answers: Mapping[Question, Answer], limits: Limits = DEFAULT_LIMITS
) -> tuple[Question, ...]:
    """Return what is still to be asked: the PTR RRset, then the forward look-up of each name."""
    reverse = reverse_question(ip)
    if reverse not in answers:
        return (reverse,)
    forward = _forward_questions(ip, answers[reverse].records, limits)
    return tuple(question for question in forward if question not in answers)


def judge(
    ip: str, answers: Mapping[Question, Answer], limits: Limits = DEFAULT_LIMITS
) -> AddressPosture:
    """Say how an address presents itself.

    Args:
        ip: the address.
        answers: what ``questions`` asked, answered.
        limits: how many PTR names are looked up; names beyond are shown, and what they lead to
            is not known.
    """
    reverse = answers[reverse_question(ip)]
    if not reverse.status.is_definite:
        failed = trouble.findings((reverse,))
        return AddressPosture((), Fcrdns.TEMPERROR, HostnameClass.UNKNOWN, failed)
    names = tuple(sorted(set(reverse.records)))
    if not names:
        missing = Finding(Tag.PTR_MISSING, {"ip": ip})
        return AddressPosture((), Fcrdns.NONE, HostnameClass.NONE, (missing,))
    forward = [answers[q] for q in _forward_questions(ip, names, limits)]
    confirmed = [answer.question.qname for answer in forward if _holds(answer, ip)]
    beyond = [name for name in names[limits.ptr_names :] if is_host_name(name)]
    fcrdns = _result(forward, confirmed, beyond)
    name, kind, rule = _least_trusted(ip, confirmed or names[: limits.ptr_names], fcrdns)
    found = [*trouble.findings(forward)]
    if len(names) > 1:
        found.append(
            Finding(Tag.PTR_MULTIPLE, {"ip": ip, "count": str(len(names)), "ptr": names[0]})
        )
    if fcrdns is Fcrdns.FAIL:
        found.append(_mismatch(ip, names, forward))
    if kind in _CLASS_TAGS:
        found.append(Finding(_CLASS_TAGS[kind], {"ip": ip, "ptr": name, "rule": rule}))
    return AddressPosture(names, fcrdns, kind, tuple(found))


def reverse_question(ip: str) -> Question:
    """Return the PTR question of an address, under in-addr.arpa or ip6.arpa."""
    return Question(ipaddress.ip_address(ip).reverse_pointer, QType.PTR)


def _forward_questions(ip: str, names: Sequence[str], limits: Limits) -> tuple[Question, ...]:
    """Ask each name for addresses of the family in question; what is no host name has none."""
    qtype = QType.A if ipaddress.ip_address(ip).version == 4 else QType.AAAA
    looked_up = sorted(set(names))[: limits.ptr_names]
    return tuple(Question(name, qtype) for name in looked_up if is_host_name(name))


def _holds(answer: Answer, ip: str) -> bool:
    wanted = ipaddress.ip_address(ip)
    return any(ipaddress.ip_address(record) == wanted for record in answer.records)


def _result(forward: Sequence[Answer], confirmed: Sequence[str], beyond: Sequence[str]) -> Fcrdns:
    if confirmed:
        return Fcrdns.PASS
    if not beyond and all(answer.status.is_definite for answer in forward):
        return Fcrdns.FAIL
    return Fcrdns.TEMPERROR


def _mismatch(ip: str, names: Sequence[str], forward: Sequence[Answer]) -> Finding:
    addresses = sorted({record for answer in forward for record in answer.records})
    status = AnswerStatus.RECORDS if addresses else AnswerStatus.NODATA
    if forward and all(answer.status is AnswerStatus.NXDOMAIN for answer in forward):
        status = AnswerStatus.NXDOMAIN
    shown = {"ip": ip, "ptr": names[0], "addresses": ", ".join(addresses[:3]), "status": status}
    return Finding(Tag.FCRDNS_MISMATCH, shown)


def _least_trusted(ip: str, names: Sequence[str], fcrdns: Fcrdns) -> tuple[str, HostnameClass, str]:
    judged = [(name, *hostname.classify(name, ip, fcrdns)) for name in names]
    return min(judged, key=lambda one: _LEAST_TRUSTED_FIRST.index(one[1]))
