"""A Report as one HTML page that stands alone: for whoever is not in Slack, and for the files.

It loads nothing and runs nothing (its Content-Security-Policy says so too), reads well in light and
dark, on a phone and on paper. The page is ``report.html``, a template of Jinja, and ``report.css``:
whatever a template shows goes through ``inert()`` first (``finalize``) and is escaped then
(``autoescape``), so that no text of a server's can be markup here. Links lead to addresses from
our own files alone.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bot.model.exchange import transcript
from bot.render.addresses import address_facts
from bot.render.card import plain_time
from bot.render.catalogue import CATALOGUE, asks, repair, severity, title, why
from bot.render.delisting import WayOff, listed, way_off
from bot.render.evidence import (
    deciding_attempt,
    gist,
    minutes_old,
    places,
    quoted,
    sentence,
    worst_place,
)
from bot.render.hosts import findings_of, flags
from bot.render.inert import inert
from bot.render.parent import headline, summarise
from bot.render.remedies import remedies_for
from bot.render.telnet import by_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from bot.model.finding import Finding
    from bot.model.report import AddressReport, Attempt, Listing, MxReport, Report
    from bot.model.verdict import Judgement
    from bot.render.catalogue import ReasonWords, VerdictWords
    from bot.render.evidence import Place
    from bot.render.remedies import Remedy
    from bot.render.telnet import ByHand

# A reply is kept to 8 KiB; a character of it becomes at most ten.
_LONGEST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Host:
    """One MX host, as the page tells of it."""

    mx: MxReport
    headline: str
    because: str
    reply: str
    flags: str
    sentence: str
    next: str
    remedies: Sequence[Remedy]
    listings: Sequence[tuple[str, Listing, WayOff | None]]
    findings: Sequence[Finding]
    addresses: Sequence[tuple[AddressReport, Sequence[tuple[str, str]]]]
    places: Sequence[Place]
    by_hand: ByHand


def to_html(report: Report, *, version: str) -> str:
    """Return a report as the text of an HTML document.

    Args:
        report: The check, finished or as far as it is.
        version: Of relaycheck, for the foot of the page.
    """
    mark, head = headline(report)
    ranked = sorted(report.mx, key=lambda mx: mx.judgement.rank if mx.judgement else (9, 9))
    return _template().render(
        report=report,
        mark=mark,
        headline=head,
        summary=summarise(report, cards="below"),
        hosts=[_host(report, mx) for mx in ranked],
        readings=CATALOGUE.readings,
        version=version,
    )


def _host(report: Report, mx: MxReport) -> _Host:
    place = worst_place(mx)
    attempt = deciding_attempt(place.endpoint) if place else None
    words = CATALOGUE.reasons[mx.judgement.reason] if mx.judgement else None
    return _Host(
        mx=mx,
        headline=words.headline if words else "being asked",
        because=words.brief if words else "not answered yet",
        reply=gist(attempt.reply) if attempt else "",
        flags=flags(mx),
        sentence=sentence(report, mx),
        next=words.next if words else "",
        remedies=remedies_for(mx),
        listings=[(ip, listing, way_off(ip, listing)) for ip, listing in listed(mx)],
        findings=sorted(findings_of(mx), key=_weight),
        addresses=[(address, list(address_facts(mx, address))) for address in mx.addresses],
        places=places(mx),
        by_hand=by_hand(report, mx),
    )


def _weight(finding: Finding) -> int:
    return list(type(severity(finding))).index(severity(finding))


def _words(judgement: Judgement) -> VerdictWords:
    return CATALOGUE.verdicts[judgement.verdict]


def _reason(judgement: Judgement) -> ReasonWords:
    return CATALOGUE.reasons[judgement.reason]


def _outcome(attempt: Attempt) -> str:
    return CATALOGUE.outcomes[attempt.outcome]


def _shown(value: object) -> object:
    """Return what an expression of the template shows: our own style as it is, all else inert."""
    return value if isinstance(value, Markup) else inert(str(value), _LONGEST)


@cache
def _template() -> Template:
    style = (resources.files(__package__) / "report.css").read_text("utf-8")
    environment = Environment(autoescape=True, finalize=_shown, undefined=StrictUndefined)
    environment.globals |= {
        "style": Markup(style),  # noqa: S704 - a file of ours
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "words": _words,
        "reason": _reason,
        "outcome": _outcome,
        "asks": asks,
        "title": title,
        "why": why,
        "repair": repair,
        "severity": severity,
        "quoted": quoted,
        "transcript": transcript,
        "when": plain_time,
        "minutes_old": minutes_old,
    }
    page = (resources.files(__package__) / "report.html").read_text("utf-8")
    return environment.from_string(page)
