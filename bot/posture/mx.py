"""Where a domain's mail goes: the MX RRset and what it says (RFC 5321 §5.1, RFC 7505).

Pure. Knows names and preferences, not addresses (``bot.posture.address``). The domain may itself be
an alias: its MX RRset is then the target's (RFC 5321 §5.1), and nothing is wrong with that.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.domain_name import is_host_name
from bot.model.finding import Finding, Tag
from bot.model.question import AnswerStatus, QType, Question
from bot.model.report import MailService
from bot.model.verdict import Judgement, Reason, Verdict
from bot.posture import trouble
from bot.posture.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model.domain_name import DomainName
    from bot.model.question import Answer

    Answers = Mapping[Question, Answer]

UNUSABLE = Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)
OVER_LIMIT = Judgement(Verdict.NOT_PROBED, Reason.OVER_LIMIT)
_INET_ATON = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}", re.ASCII)
_NULL = ""  # the root as an exchange


@dataclass(frozen=True, slots=True)
class MxHost:
    """A host that is to receive the domain's mail; ``preference`` None: implicit MX.

    ``skipped`` says why its addresses are not asked for (its name is unusable, or it is over the
    limit), and ``findings`` what is wrong with its name.
    """

    preference: int | None
    host: str
    skipped: Judgement | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class MailRouting:
    """Where mail goes; ``judgement`` only where no host decides (null MX, none, DNS failure)."""

    service: MailService
    hosts: tuple[MxHost, ...] = ()
    findings: tuple[Finding, ...] = ()
    judgement: Judgement | None = None


def questions(domain: DomainName, answers: Answers) -> tuple[Question, ...]:
    """Return what is still to be asked: the MX RRset, then A and AAAA where it does not exist."""
    mx = Question(domain.ascii, QType.MX)
    wanted: tuple[Question, ...] = (mx,)
    if mx in answers and answers[mx].status is AnswerStatus.NODATA:
        wanted = _addresses(domain)
    return tuple(question for question in wanted if question not in answers)


def judge(domain: DomainName, answers: Answers, limits: Limits = DEFAULT_LIMITS) -> MailRouting:
    """Say where the domain's mail goes.

    Args:
        domain: the domain that was asked for.
        answers: what ``questions`` asked, answered.
        limits: how many hosts are taken.

    Returns:
        The hosts by preference, then name. A failed look-up is MailService.DNS_FAILED: whether the
        domain takes mail is then not known.
    """
    answer = answers[Question(domain.ascii, QType.MX)]
    match answer.status:
        case AnswerStatus.RECORDS:
            return _by_records(answer.records, limits)
        case AnswerStatus.NXDOMAIN:
            return MailRouting(
                MailService.NONE,
                findings=(Finding(Tag.NXDOMAIN, {"name": domain.ascii}),),
                judgement=Judgement(Verdict.NO_MAIL, Reason.NXDOMAIN),
            )
        case AnswerStatus.NODATA:
            return _implicit(domain, answers)
        case _:
            return _failed(answer)


def _by_records(records: tuple[str, ...], limits: Limits) -> MailRouting:
    parsed = sorted((int(preference), host) for preference, host in map(_split, records))
    named = [(preference, host) for preference, host in parsed if host != _NULL]
    if not named:  # RFC 7505 §3; a preference other than 0 means the same
        return MailRouting(
            MailService.NULL_MX,
            findings=(Finding(Tag.MX_NULL),),
            judgement=Judgement(Verdict.NO_MAIL, Reason.NULL_MX),
        )
    first: dict[str, int] = {}
    for preference, host in named:
        first.setdefault(host, preference)
    hosts = tuple(
        _host(preference, host, beyond=place >= limits.hosts)
        for place, (host, preference) in enumerate(first.items())
    )
    return MailRouting(
        MailService.MX, hosts, _shape(len(parsed) > len(named), [h for _, h in named], limits)
    )


def _split(record: str) -> tuple[str, str]:
    preference, _, host = record.partition(" ")
    return preference, host


def _shape(null_beside: bool, named: list[str], limits: Limits) -> tuple[Finding, ...]:  # noqa: FBT001 - a fact of the RRset
    """Return what is to be said of the RRset as a whole."""
    found = []
    if null_beside:  # RFC 7505 §3: a null MX MUST NOT stand beside others
        found.append(Finding(Tag.MX_NULL_WITH_OTHERS))
    distinct = dict.fromkeys(named)
    found += [
        Finding(Tag.MX_DUPLICATE, {"host": host}) for host in distinct if named.count(host) > 1
    ]
    if len(distinct) == 1:
        found.append(Finding(Tag.MX_SINGLE_HOST, {"host": named[0]}))
    if len(distinct) > limits.hosts:
        counts = {"count": str(len(distinct)), "limit": str(limits.hosts)}
        found.append(Finding(Tag.MX_TOO_MANY, counts))
    return tuple(found)


def _host(preference: int, host: str, *, beyond: bool) -> MxHost:
    """Judge a host by its name alone: what is no host name never comes near a connection."""
    if is_host_name(host):
        return MxHost(preference, host, OVER_LIMIT if beyond else None)
    if _is_address(host):  # RFC 1035 §3.3.9: the exchange is a name
        finding = Finding(Tag.MX_IS_ADDRESS, {"host": host})
    else:
        finding = Finding(Tag.MX_UNRESOLVABLE, {"host": host, "status": "illegal_name"})
    return MxHost(preference, host, UNUSABLE, (finding,))


def _is_address(host: str) -> bool:
    """Whether a name is an address in disguise, in any spelling that a C library would take."""
    if _INET_ATON.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _implicit(domain: DomainName, answers: Answers) -> MailRouting:
    """No MX RRset: the domain's own addresses take the mail, if it has any (RFC 5321 §5.1)."""
    found = [answers[question] for question in _addresses(domain)]
    if any(answer.status is AnswerStatus.RECORDS for answer in found):
        return MailRouting(
            MailService.IMPLICIT_MX,
            (MxHost(None, domain.ascii),),
            (Finding(Tag.MX_IMPLICIT, {"host": domain.ascii}),),
        )
    if all(answer.status.is_definite for answer in found):
        return MailRouting(
            MailService.NONE,
            findings=(Finding(Tag.MX_NONE, {"name": domain.ascii}),),
            judgement=Judgement(Verdict.NO_MAIL, Reason.NO_MAIL_SERVICE),
        )
    return _failed(*found)


def _failed(*answers: Answer) -> MailRouting:
    return MailRouting(
        MailService.DNS_FAILED, findings=trouble.findings(answers), judgement=trouble.DNS_FAILED
    )


def _addresses(domain: DomainName) -> tuple[Question, Question]:
    return Question(domain.ascii, QType.A), Question(domain.ascii, QType.AAAA)
