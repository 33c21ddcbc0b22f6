"""`/relaycheck verify DOMAIN`: what to publish to show that a domain is yours, and whether it is.

The token is of one workspace and one name. It is no secret: whoever can publish it rules the zone,
and it is worth nothing to another workspace. What DNS answered is said, so that whoever published
it sees what is amiss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.question import AnswerStatus
from bot.policy.consent import VERIFY
from bot.render.card import slack_time
from bot.render.inert import inert, mrkdwn
from bot.slack.desk import HELP
from bot.slack.journal import said
from bot.store.audit import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.deliver import Destination
    from bot.model.question import Answer, Question
    from bot.policy import Consent
    from bot.slack.desk import Desk

_USAGE = "Name the domain: type for example `/relaycheck verify example.com`."
_ONLY_BY_OPERATOR = (
    "This relaycheck cannot verify by DNS: its operator has to set RELAYCHECK_VERIFY_SECRET, or to "
    "vouch for the domain with RELAYCHECK_VERIFIED."
)
_COVERS = (
    "It covers every host below it, for this workspace alone. Leave it there: it is looked up at "
    "each check that needs it."
)
_SLOW = "DNS was too slow to tell now."
_SAID = {
    AnswerStatus.NODATA: "the name is there and has no TXT record (NODATA)",
    AnswerStatus.NXDOMAIN: "there is no such name (NXDOMAIN)",
    AnswerStatus.SERVFAIL: "the name servers failed (SERVFAIL)",
    AnswerStatus.REFUSED: "the name servers refused to answer (REFUSED)",
    AnswerStatus.TIMEOUT: "nobody answered in time",
}
_TEXTS = 3


async def verify(desk: Desk, text: str, place: Destination) -> str:
    """Say whether a domain or host is verified for a workspace, and else how to get there."""
    request = desk.read(text)
    if isinstance(request, str):
        return _USAGE if request == HELP else request
    outcome, words = await _look(desk, request.domain.ascii, place.team)
    line = said(Act.VERIFY, place, "verify", outcome, domain=request.domain.ascii)
    desk.journal.note(line)
    return words


async def _look(desk: Desk, name: str, team: str) -> tuple[str, str]:
    """Return what came of it, for the audit, and what to say."""
    consent = desk.permissions.consent(team)
    if consent.vouched(name):
        words = f"{_code(name)} is verified: the operator of this relaycheck vouches for it."
        return "verified by the operator", words
    if consent.secret is None:
        return "refused: no secret is set", _ONLY_BY_OPERATOR
    answers = await desk.permissions.look_up(team, name)
    if answers and (proved := consent.proved_at(name, answers)):
        since = await desk.past.verified_since(team, proved)
        when = f", since {slack_time(since)}" if since else ""
        return f"verified at {proved}", (
            f"{_code(proved)} is verified for this workspace, with every host below it{when}: "
            f"its token stands at {_code(f'{VERIFY}.{proved}')}."
        )
    return "not verified", "\n".join(await _not_yet(desk, consent, name, answers))


async def _not_yet(
    desk: Desk, consent: Consent, name: str, answers: Mapping[Question, Answer] | None
) -> list[str]:
    heard = list((answers or {}).values())
    is_certain = bool(heard) and all(answer.status.is_definite for answer in heard)
    was = await desk.past.no_longer_verified(consent.team, name) if is_certain else None
    state = f"It was, since {slack_time(was)}." if was else ""
    return [
        f"{_code(name)} is not verified. {state}".strip(),
        "To show that it is yours, publish this TXT record and type the same again:",
        _code(f'{VERIFY}.{name}. TXT "{consent.token(name)}"'),
        *(_heard(heard) if heard else [_SLOW]),
        _COVERS,
    ]


def _heard(answers: Sequence[Answer]) -> Iterator[str]:
    """Say what DNS answered: of the name itself always, of those above it where it has records."""
    for number, answer in enumerate(answers):
        if number == 0 or answer.records:
            yield f"DNS says of {_code(answer.question.qname)}: {_answered(answer)}."
    ttl_s = answers[0].ttl_s
    if answers[0].status.is_definite and ttl_s:
        yield f"A resolver may repeat that for {-(-ttl_s // 60)} min after you have changed it."


def _answered(answer: Answer) -> str:
    if answer.status is not AnswerStatus.RECORDS:
        return _SAID.get(answer.status, f"no usable answer ({answer.status.value})")
    texts = [_code(text, 80) for text in answer.records[:_TEXTS]]
    more = f" and {len(answer.records) - _TEXTS} more" if answer.records[_TEXTS:] else ""
    return f"{', '.join(texts)}{more}, which is not the token"


def _code(text: str, limit: int = 300) -> str:
    """Return foreign text in a code span."""
    shown = mrkdwn(inert(text, limit).replace("`", "'"))
    return shown if shown.startswith("`") else f"`{shown}`"
