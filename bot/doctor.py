"""Whether relaycheck is set up so that its probes are believed: each part, and what to do about it.

Servers refuse a client whose name does not resolve, whose address has no matching PTR, whose
reverse-path cannot take mail; what they then say tells nothing about relaying. The world is asked
through what is handed in; the words stand in ``doctor.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING

from bot.model.domain_name import parse_domain_name
from bot.model.question import AnswerStatus, QType, Question
from bot.model.report import Fcrdns, MailService
from bot.network.address_filter import forbidden_class
from bot.posture.walk import Walk
from bot.settings import variable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bot.model.report import Vantage
    from bot.posture.walk import Ask
    from bot.settings import Settings

    AskSlack = Callable[[str], Awaitable["SlackAnswer"]]

_WORDS = tomllib.loads(resources.files("bot").joinpath("doctor.toml").read_text("utf-8"))
_SILENT = (AnswerStatus.TIMEOUT, AnswerStatus.UNREACHABLE)


class State(StrEnum):
    """How a part is; only a fault needs somebody's hand."""

    OK = "ok"
    NOTICE = "notice"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of one part: ``subject`` is a setting's variable, ``tag`` one of the data."""

    subject: str
    tag: str
    args: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Whether somebody has to do something."""
        return State(_WORDS[self.tag]["state"])

    @property
    def says(self) -> str:
        """What was found, in words; arguments may be foreign text."""
        return str(_WORDS[self.tag]["says"]).format(**self.args)

    @property
    def advice(self) -> str:
        """What to do about it; empty where nothing has to be done."""
        return str(_WORDS[self.tag].get("advice", "")).format(**self.args)


@dataclass(frozen=True, slots=True)
class SlackAnswer:
    """Slack's answer about a token: ``error`` is empty where it is good.

    ``is_refusal``: it is the token that Slack does not take; any other error is its own trouble or
    the network's.
    """

    error: str = ""
    is_refusal: bool = False
    team: str = ""
    user: str = ""
    scopes: frozenset[str] | None = None


async def examine_probe(
    settings: Settings, vantage: Vantage, ask: Ask, outgoing: str | None
) -> AsyncIterator[Diagnosis]:
    """Examine what the probe says of itself, as a careful mail server would.

    Args:
        settings: What is set.
        vantage: What the probe says, with what stands in for the rest.
        ask: The resolver.
        outgoing: The address that connections leave from; None: no route.
    """
    walk = Walk(ask)
    yield await _resolver(settings, ask)
    yield await _name(settings, vantage, walk, outgoing)
    yield await _mailbox("mail_from", settings.mail_from, vantage.reverse_path, walk)
    yield await _mailbox("rcpt_to", settings.rcpt_to, vantage.forward_path, walk)
    if settings.allow_networks:
        networks = ", ".join(map(str, settings.allow_networks))
        yield Diagnosis(variable("allow_networks"), "NETWORKS_ALLOWED", {"networks": networks})


async def _resolver(settings: Settings, ask: Ask) -> Diagnosis:
    # The root has no MX, and every resolver can say so.
    answer = await ask(Question("", QType.MX))
    tag = "RESOLVER_REFUSES"
    if answer.status.is_definite:
        tag = "RESOLVER_ANSWERS"
    elif answer.status in _SILENT:
        tag = "RESOLVER_SILENT"
    args = {"resolver": settings.resolver, "ms": str(answer.took_ms), "status": answer.status.value}
    return Diagnosis(
        variable("resolver"), tag, args | {"detail": answer.detail or answer.status.value}
    )


async def _name(
    settings: Settings, vantage: Vantage, walk: Walk, outgoing: str | None
) -> Diagnosis:
    subject, name = variable("ehlo_name"), vantage.ehlo
    if settings.ehlo_name is None:
        return Diagnosis(subject, "NAME_UNSET", {"name": name})
    if name.startswith("["):
        return Diagnosis(subject, "NAME_LITERAL", {"name": name})
    found = await walk.host(name)
    told = {
        "name": name,
        "addresses": ", ".join(found.addresses),
        "outgoing": outgoing or "nowhere",
    }
    if not found.addresses:
        failed = any(not answer.status.is_definite for answer in walk.answers)
        return Diagnosis(subject, "NAME_NOT_LEARNT" if failed else "NAME_UNRESOLVED", told)
    if outgoing and outgoing not in found.addresses and forbidden_class(outgoing, ()) is None:
        return Diagnosis(subject, "NAME_ELSEWHERE", told)
    for ip in found.addresses:
        if fault := await _reverse(name, ip, walk):
            return fault
    # An address that the filter refuses is never seen outside: a translation stands between.
    tag = "NAME_FINE" if outgoing in found.addresses else "NAME_BEHIND_NAT"
    return Diagnosis(subject, tag, told)


async def _reverse(name: str, ip: str, walk: Walk) -> Diagnosis | None:
    """Return what is wrong with the reverse name of one address; None: it leads back."""
    found = await walk.address(ip)
    told = {"name": name, "ip": ip, "ptr": ", ".join(found.ptr)}
    if found.fcrdns is Fcrdns.TEMPERROR:
        return Diagnosis(variable("ehlo_name"), "PTR_NOT_LEARNT", told)
    if not found.ptr:
        return Diagnosis(variable("ehlo_name"), "NAME_WITHOUT_PTR", told)
    if name not in found.ptr:
        return Diagnosis(variable("ehlo_name"), "NAME_WITH_OTHER_PTR", told)
    return None


_NO_MAIL = {
    MailService.NULL_MX: "MAILBOX_NULL_MX",
    MailService.NONE: "MAILBOX_NOWHERE",
    MailService.DNS_FAILED: "MAILBOX_NOT_LEARNT",
}


async def _mailbox(field_name: str, setting: str | None, mailbox: str, walk: Walk) -> Diagnosis:
    subject, domain = variable(field_name), mailbox.rpartition("@")[2]
    told = {"mailbox": mailbox, "domain": domain}
    if setting is None:
        return Diagnosis(subject, "MAILBOX_UNSET", told)
    if domain.startswith("["):
        return Diagnosis(subject, "MAILBOX_LITERAL", told)
    routing = await walk.mail_service(parse_domain_name(domain))
    told["hosts"] = ", ".join(host.host for host in routing.hosts)
    return Diagnosis(subject, _NO_MAIL.get(routing.service, "MAILBOX_FINE"), told)


async def examine_slack(
    settings: Settings, ask: AskSlack, needed: frozenset[str]
) -> AsyncIterator[Diagnosis]:
    """Examine the tokens by asking Slack.

    Args:
        settings: What is set; a token that is not set is not asked about.
        ask: Asks Slack with the token of one setting, by its field.
        needed: The scopes that the manifest asks for.
    """
    if settings.slack_bot_token is None:
        yield Diagnosis(variable("slack_bot_token"), "SLACK_UNSET")
        return
    answer = await ask("slack_bot_token")
    told = {"user": answer.user, "team": answer.team}
    lacking = needed - answer.scopes if answer.scopes is not None else frozenset()
    if answer.error:
        yield _refused("slack_bot_token", answer)
    elif lacking:
        told["scopes"] = ", ".join(sorted(lacking))
        yield Diagnosis(variable("slack_bot_token"), "SLACK_SCOPES_MISSING", told)
    else:
        yield Diagnosis(variable("slack_bot_token"), "SLACK_FINE", told)
    if settings.slack_app_token is not None:
        answer = await ask("slack_app_token")
        yield (
            _refused("slack_app_token", answer)
            if answer.error
            else Diagnosis(variable("slack_app_token"), "SOCKET_MODE_FINE")
        )


def _refused(field_name: str, answer: SlackAnswer) -> Diagnosis:
    tag = "SLACK_REFUSED" if answer.is_refusal else "SLACK_UNREACHABLE"
    return Diagnosis(variable(field_name), tag, {"error": answer.error})
