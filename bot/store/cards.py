"""Cards in Slack that can be acted upon: what their buttons lead to, also after a restart.

A card is found by the opaque handle that its buttons carry, or by the run that fills it. Its report
and its messages are kept under the id of that run (``reports``, ``messages``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from bot.model.verdict import Judgement, Reason, Verdict
from bot.store.audit import add
from bot.store.database import whole
from bot.store.tables import cards, messages, reports, verdicts
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from bot.store.audit import Deed
    from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """One card as it is kept.

    Attributes:
        handle: what its buttons carry.
        run_id: the latest check that filled it.
        previous_id: the report that it is compared with; empty: none.
        team: the workspace that it stands in.
        channel: where it was asked for.
        person: who asked.
        private: whether it is for that person alone.
        shown: the domain as it was typed.
        begun_at: when its latest check began.
        ended_at: when that check came to its end; None: it is under way.
        claimed_by: who has it in hand, a person's id; empty: nobody.
        job: what was asked for, as text that the caller can read.
        lines: its small print, in mrkdwn.
    """

    handle: str
    run_id: str
    previous_id: str = ""
    team: str
    channel: str
    person: str
    private: bool
    shown: str
    begun_at: datetime
    ended_at: datetime | None = None
    claimed_by: str = ""
    job: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card in a list: with the verdict of its report, and where it stands, if it does."""

    card: KeptCard
    judgement: Judgement | None
    channel: str | None
    ts: str | None


@whole
async def keep_card(database: Database, card: KeptCard, deeds: Sequence[Deed] = ()) -> None:
    """Keep a card, in place of what was kept by its handle; and the acts that made it so.

    Who may see the card may see its report: a result that was shared is the channel's from then on.
    """
    seen_in = None if card.private else card.channel
    report = update(reports).where(reports.c.id == card.run_id).values(channel=seen_in)
    async with database.begin() as connection:
        await connection.execute(upsert(connection, cards), asdict(card))
        await connection.execute(report)
        await add(connection, deeds)


@whole
async def find_card(
    database: Database, *, handle: str | None = None, run_id: str | None = None
) -> KeptCard | None:
    """Return the card with a handle, or the one that a run fills; None: it is kept no more."""
    wanted = cards.c.handle == handle if handle is not None else cards.c.run_id == run_id
    async with database.begin() as connection:
        row = (await connection.execute(select(cards).where(wanted))).first()
    return None if row is None else _card(row)


@whole
async def cards_seen_by(
    database: Database, team: str, person: str, *, most: int
) -> tuple[SeenCard, ...]:
    """Return the latest cards that a person may see, the latest first.

    Theirs, and what is not private in channels where they asked for something themselves.
    """
    wanted = (
        select(cards, reports.c.verdict, reports.c.reason, messages.c.channel, messages.c.ts)
        .outerjoin(reports, reports.c.id == cards.c.run_id)
        .outerjoin(messages, and_(messages.c.run_id == cards.c.run_id, messages.c.part == ""))
        .where(cards.c.team == team, _may_see(team, person))
        .order_by(cards.c.begun_at.desc(), cards.c.handle)
        .limit(most)
    )
    async with database.begin() as connection:
        rows = (await connection.execute(wanted)).all()
    return tuple(
        SeenCard(
            _card(row),
            Judgement(Verdict(row.verdict), Reason(row.reason)) if row.verdict else None,
            row._mapping[messages.c.channel],  # noqa: SLF001 - two tables have such a column
            row.ts,
        )
        for row in rows
    )


@whole
async def cards_with(database: Database, reason: Reason, *, since: datetime) -> list[KeptCard]:
    """Return the cards with a host judged for a reason that came to their end since a moment.

    And those that have not, though their report is there: the next process brings them to it.
    """
    of_host = select(verdicts.c.report_id).where(verdicts.c.reason == reason)
    is_late = or_(
        cards.c.ended_at >= since, and_(cards.c.ended_at.is_(None), cards.c.begun_at >= since)
    )
    wanted = select(cards).where(is_late, cards.c.run_id.in_(of_host))
    async with database.begin() as connection:
        return [*map(_card, await connection.execute(wanted))]


def _may_see(team: str, person: str) -> ColumnElement[bool]:
    asked_in = select(cards.c.channel).where(cards.c.team == team, cards.c.person == person)
    return or_(cards.c.person == person, ~cards.c.private & cards.c.channel.in_(asked_in))


def _card(row: Row[tuple[object, ...]]) -> KeptCard:
    kept = {column.name: row._mapping[column] for column in cards.c}  # noqa: SLF001 - as above
    return KeptCard(**kept | {"lines": tuple(kept["lines"])})
