"""`/relaycheck verify`: what to publish, what DNS answered, and since when it is verified."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.model.question import Answer, AnswerStatus
from bot.settings import Named, Settings
from bot.slack import permissions
from bot.slack.asking.verify import verify
from bot.store import open_database
from bot.store.audit import Act
from bot.store.verifications import verified_since
from tests.posture.zone import Zone
from tests.slack.kept import NOW, Kept, desk, noted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.model.question import Question
    from bot.store import Database
    from tests.slack.office import Office

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)
SETTINGS = Settings(verify_secret="0123456789abcdef")  # type: ignore[arg-type] # read by its reader


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A store of its own."""
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as opened:
        yield opened


async def test_what_to_publish_and_then_that_it_is_there(
    nowhere: AsyncWebClient, database: Database
) -> None:
    """The record that the answer names is the one that verifies, and since when is kept."""
    zone = Zone({})
    here = desk(Kept(), nowhere, settings=SETTINGS, ask=zone.ask, database=database)
    told = await verify(here, "shop.example", PLACE)
    token = here.permissions.consent("T1").token("shop.example")

    assert told.startswith("`shop.example` is not verified.\n")
    assert f'`_relaycheck.shop.example. TXT "{token}"`' in told
    assert "DNS says of `_relaycheck.shop.example`: there is no such name (NXDOMAIN)." in told
    zone.records["_relaycheck.shop.example TXT"] = [token]
    told = await verify(here, "mx.shop.example", PLACE)
    assert told.startswith("`shop.example` is verified for this workspace, with every host below")
    assert f"since <!date^{int(NOW.timestamp())}^" in told
    assert "its token stands at `_relaycheck.shop.example`" in told


async def test_since_when_is_the_first_time(nowhere: AsyncWebClient, database: Database) -> None:
    """Asking again does not make it younger; another workspace has a time of its own."""
    zone = Zone({})
    here = desk(Kept(), nowhere, settings=SETTINGS, ask=zone.ask, database=database)
    token = here.permissions.consent("T1").token("shop.example")
    zone.records["_relaycheck.shop.example TXT"] = ["v=spf1 -all", token]
    before = NOW - timedelta(days=30)
    await verified_since(database, team="T1", name="shop.example", now=before)
    await verified_since(database, team="T2", name="shop.example", now=NOW - timedelta(days=60))

    assert f"since <!date^{int(before.timestamp())}^" in await verify(here, "shop.example", PLACE)


async def test_a_record_that_went_away(nowhere: AsyncWebClient, database: Database) -> None:
    """Whoever took the token away reads since when it had been verified; then that is forgotten."""
    here = desk(Kept(), nowhere, settings=SETTINGS, ask=Zone({}).ask, database=database)
    await verified_since(database, team="T1", name="shop.example", now=NOW)

    assert "is not verified. It was, since <!date^" in await verify(here, "shop.example", PLACE)
    assert "is not verified.\n" in await verify(here, "shop.example", PLACE)


async def test_a_failure_of_dns_forgets_nothing(
    nowhere: AsyncWebClient, database: Database
) -> None:
    """Only the zone itself can take a verification back."""

    async def ask(question: Question) -> Answer:
        return Answer(question=question, status=AnswerStatus.SERVFAIL)

    here = desk(Kept(), nowhere, settings=SETTINGS, ask=ask, database=database)
    before = NOW - timedelta(days=30)
    await verified_since(database, team="T1", name="shop.example", now=before)
    told = await verify(here, "shop.example", PLACE)

    assert "the name servers failed (SERVFAIL)." in told
    assert before == await verified_since(database, team="T1", name="shop.example", now=NOW)


@pytest.mark.parametrize(
    ("status", "records", "said"),
    [
        (AnswerStatus.NODATA, (), "the name is there and has no TXT record (NODATA)."),
        (AnswerStatus.REFUSED, (), "the name servers refused to answer (REFUSED)."),
        (AnswerStatus.TIMEOUT, (), "nobody answered in time."),
        (AnswerStatus.MALFORMED, (), "no usable answer (malformed)."),
        (AnswerStatus.RECORDS, ("token",), "`token`, which is not the token."),
        (
            AnswerStatus.RECORDS,
            ("`<!channel>`", "b", "c", "d", "e"),
            "`'&lt;!channel&gt;'`, `b`, `c` and 2 more, which is not the token.",
        ),
    ],
)
async def test_what_dns_answered_is_said(
    nowhere: AsyncWebClient, status: AnswerStatus, records: tuple[str, ...], said: str
) -> None:
    """Whoever published it sees what is amiss, in their own words and harmlessly."""

    async def ask(question: Question) -> Answer:
        return Answer(question=question, status=status, records=records, ttl_s=61)

    here = desk(Kept(), nowhere, settings=SETTINGS, ask=ask)
    told = await verify(here, "www.shop.example", PLACE)

    assert f"DNS says of `_relaycheck.www.shop.example`: {said}" in told
    assert status.is_definite == ("may repeat that for 2 min" in told)
    assert bool(records) == ("DNS says of `_relaycheck.shop.example`" in told)


@pytest.mark.parametrize(
    ("typed", "said"), [("", "verify example.com"), ("a b.c d.e", "one domain at a time")]
)
async def test_what_is_no_domain(nowhere: AsyncWebClient, typed: str, said: str) -> None:
    """It says what to type."""
    assert said in await verify(desk(Kept(), nowhere, settings=SETTINGS), typed, PLACE)


async def test_without_a_secret_only_the_operator_vouches(nowhere: AsyncWebClient) -> None:
    """Then there is no token to publish, and what is vouched for is verified."""
    settings = Settings(verified=Named(domains=("shop.example",)))
    here = desk(Kept(), nowhere, settings=settings)

    assert "relaycheck vouches for it" in await verify(here, "mx.shop.example", PLACE)
    assert "RELAYCHECK_VERIFY_SECRET" in await verify(here, "other.example", PLACE)


async def test_a_slow_dns_is_said(nowhere: AsyncWebClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is verified is then not known, and what to publish is told."""
    monkeypatch.setattr(permissions, "LOOK_S", 0.01)

    async def ask(_: Question) -> Answer:
        return await asyncio.Future()

    here = desk(Kept(), nowhere, settings=SETTINGS, ask=ask)
    told = await verify(here, "shop.example", PLACE)

    assert "DNS was too slow" in told
    assert "_relaycheck.shop.example" in told


async def test_in_slack_it_is_the_ack(office: Office) -> None:
    """A signed command is answered to the person alone."""
    ack = await office.slack.slash_command("dana", "incident", "verify example.com")

    assert ack.in_time
    assert "ephemeral" == ack.body["response_type"]
    assert "RELAYCHECK_VERIFY_SECRET" in ack.body["text"]


async def test_what_came_of_it_is_noted(nowhere: AsyncWebClient, database: Database) -> None:
    """Who asked about which name where, and whether it was verified."""
    zone = Zone({})
    here = desk(Kept(), nowhere, settings=SETTINGS, ask=zone.ask, database=database)
    await verify(here, "shop.example", PLACE)
    zone.records["_relaycheck.shop.example TXT"] = [
        here.permissions.consent("T1").token("shop.example")
    ]
    await verify(here, "mx.shop.example", PLACE)
    vouched = Settings(verified=Named(domains=("shop.example",)))
    there = desk(Kept(), nowhere, settings=vouched)
    await verify(there, "shop.example", PLACE)
    deeds = [*noted(here), *noted(there)]

    assert [
        ("shop.example", "not verified"),
        ("mx.shop.example", "verified at shop.example"),
        ("shop.example", "verified by the operator"),
    ] == [(deed.domain, deed.outcome) for deed in deeds]
    assert {(Act.VERIFY, "U1", "C1")} == {(deed.act, deed.person, deed.channel) for deed in deeds}
