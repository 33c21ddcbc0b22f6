"""Tests of checks that go on after a crash: the same facts, and nothing asked twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot import metrics
from bot.check import check
from bot.edges import Gate, Reuse
from bot.jobs.places import Limits, Places
from bot.jobs.resume import FRESH, PROOF_EVERY, _Memory, resumable
from bot.model.exchange import Exchange, Stage, TlsMode
from bot.model.verdict import Reason
from bot.network.answered import Answered
from bot.policy import Ruling
from bot.relay.attempts import Plan
from bot.request import Request
from bot.store.learnt import learn, recall
from bot.store.reports import load_report, save_report
from tests.jobs.test_durable import job
from tests.render.samples import NOW, open_postfix
from tests.test_check import CLOSED_ZONE, DOMAIN, VANTAGE, Greylist, Net, closed, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from bot.edges import Script, World
    from bot.model.exchange import Reply
    from bot.model.question import Answer, Question
    from bot.model.report import Report
    from bot.policy import Place
    from bot.posture.walk import Ask
    from bot.store import Database

CLOSED = {"192.0.2.1": closed, "192.0.2.2": closed}
REQUEST = Request(domain=DOMAIN, shown="example.com")
LAST_HOST = "192.0.2.2"


@dataclass
class Heard(Net):
    """A net that remembers what it was asked; one of its hosts may never answer."""

    asked: list[Question] = field(default_factory=list)
    stuck: str = ""

    async def ask(self, question: Question) -> Answer:
        """Answer from the zone."""
        self.asked.append(question)
        return await super().ask(question)

    async def converse(
        self, plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        """Answer from the table, or never."""
        if plan.ip == self.stuck:
            await asyncio.sleep(3600)
        return await super().converse(plan, script, on_exchange)


def world_of(net: Net) -> World:
    """Return a world whose nonces differ from one process to the next."""
    return net.world(now=lambda: NOW, new_nonce=lambda _: f"nonce{id(net)}")


async def run(net: Net, database: Database, world: World | None = None) -> Report:
    """Run the check to its end."""
    checking = resumable(REQUEST, world or world_of(net), database, run_id="R1", team="T1")
    *_, last = [progress async for progress in checking]
    return last.report


async def cut_off(net: Net, database: Database, world: World | None = None) -> None:
    """Run the check until one host is judged and kept, while the other keeps silent; stop it."""
    seen = world or world_of(net)
    checking = resumable(REQUEST, seen, database, run_id="R1", team="T1")
    judged = asyncio.Event()

    async def listen() -> None:
        async for progress in checking:
            if any(mx.judgement is not None for mx in progress.report.mx):
                judged.set()

    listening = asyncio.create_task(listen())
    await judged.wait()
    # What was heard last is kept after it was told, and nothing tells of that.
    while len(await recall(database, "R1", since=NOW)) <= len(net.zone):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await checking.aclose()


def one_hangs(servers: Mapping[str, Callable[[str], Reply]] = CLOSED) -> Heard:
    """Return a net in which the first host answers and the second never does."""
    return Heard(CLOSED_ZONE, servers, stuck=LAST_HOST)


async def forget_reports(database: Database) -> None:
    """Take away the table of reports, so that none can be kept."""
    async with database.begin() as connection:
        for table in ("verdicts", "reports"):
            await connection.execute(text(f"DROP TABLE {table}"))


async def test_a_check_is_kept_under_the_id_of_its_run(database: Database) -> None:
    """Nothing happens to it on the way, and the report is found again."""
    name, labels = "relaycheck_checks_total", {"verdict": "closed"}
    before = metrics.REGISTRY.get_sample_value(name, labels) or 0
    report = await run(Heard(CLOSED_ZONE, CLOSED), database)

    assert before + 1 == metrics.REGISTRY.get_sample_value(name, labels)
    assert "R1" == report.id
    assert report == await load_report(database, "R1")
    assert {} == await recall(database, "R1", since=NOW)


async def test_the_log_says_what_came_of_a_check(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """By its verdict and reason."""
    with caplog.at_level("INFO", "bot.jobs.resume"):
        await run(Heard(CLOSED_ZONE, CLOSED), database)

    assert "finished: closed/relay_denied" in caplog.messages


async def test_after_a_crash_only_what_is_missing_is_asked(database: Database) -> None:
    """The host that had answered is not spoken to again, and no question of DNS is repeated."""
    before, after = one_hangs(), Heard(CLOSED_ZONE, CLOSED)
    await cut_off(before, database)
    report = await run(after, database)

    assert [(LAST_HOST, 25)] == after.connections
    assert not set(before.asked) & set(after.asked)
    assert ["closed", "closed"] == [mx.judgement.verdict for mx in report.mx if mx.judgement]


async def test_a_resumed_check_comes_to_the_same_report(database: Database) -> None:
    """An open host is judged from memory as it was, its random mailbox of then included."""
    servers = {"192.0.2.1": opened, LAST_HOST: closed}
    await cut_off(one_hangs(servers), database)
    resumed = await run(Heard(CLOSED_ZONE, servers), database)
    whole = await run(Heard(CLOSED_ZONE, servers), database)

    assert resumed == whole
    (attempts,) = [e.attempts for e in resumed.mx[0].addresses[0].endpoints]
    assert "any_domain" == attempts[-1].kind


async def test_what_was_reused_before_a_crash_is_reused_after_it(database: Database) -> None:
    """Whoever has forgotten it judges as before, and lends to nobody what was said so long ago."""
    memory, forgetful = Answered(lambda: 0.0), Answered(lambda: 0.0)
    asked_then = replace(world_of(Heard(CLOSED_ZONE, CLOSED)), reuse=Reuse(note=memory.note))
    async for _ in check(REQUEST, asked_then):
        pass
    before, after = one_hangs(), Heard(CLOSED_ZONE, CLOSED)
    await cut_off(before, database, replace(world_of(before), reuse=Reuse(memory.recall)))

    world = replace(world_of(after), reuse=Reuse(forgetful.recall, forgetful.note))
    report = await run(after, database, world)

    endpoints = [mx.addresses[0].endpoints[0] for mx in report.mx]
    assert [1, 0] == [endpoint.age_s for endpoint in endpoints]
    assert ["closed", "closed"] == [mx.judgement.verdict for mx in report.mx if mx.judgement]
    assert [(LAST_HOST, 25)] == after.connections
    assert 1 == len(forgetful._latest)


async def test_what_the_gate_ruled_holds_after_a_crash(database: Database) -> None:
    """Who was let through needs no leave again; who was not is refused in the same words."""
    asked: list[str] = []

    async def admit(_request: Request, place: Place, _ask: Ask) -> Ruling:
        asked.append(place.ip)
        await asyncio.sleep(0)
        let_through = place.ip == LAST_HOST
        return Ruling() if let_through else Ruling(Reason.POLICY, why=f"the {len(asked)}th")

    before, after = one_hangs(), Heard(CLOSED_ZONE, CLOSED)
    gate = Gate(admit=admit)
    world = replace(world_of(before), gate=gate)
    await cut_off(before, database, world)
    first = list(asked)
    report = await run(after, database, replace(world_of(after), gate=gate))

    assert first == asked
    assert ["not_probed", "closed"] == [mx.judgement.verdict for mx in report.mx if mx.judgement]


async def test_a_finished_run_is_not_run_again(database: Database) -> None:
    """A crash after the report was kept and before its card was finished shows that report."""
    await save_report(database, replace(open_postfix(), id="R1"), team="T1")
    net = Heard(CLOSED_ZONE, CLOSED)
    name, labels = "relaycheck_checks_total", {"verdict": "likely_open"}
    before = metrics.REGISTRY.get_sample_value(name, labels) or 0
    report = await run(net, database)

    assert replace(open_postfix(), id="R1") == report
    assert [] == net.asked
    assert before == (metrics.REGISTRY.get_sample_value(name, labels) or 0)


async def test_after_a_long_stop_the_world_is_asked_anew(database: Database) -> None:
    """Facts of before are no longer facts."""
    await cut_off(one_hangs(), database)
    net = Heard(CLOSED_ZONE, CLOSED)
    late = NOW + FRESH + timedelta(seconds=1)
    await run(net, database, replace(world_of(net), now=lambda: late))

    assert {("192.0.2.1", 25), (LAST_HOST, 25)} == set(net.connections)


async def test_a_second_look_at_a_server_is_another_conversation(database: Database) -> None:
    """A server that greylisted us and was asked again is heard twice from memory too."""
    await forget_reports(database)
    zone = CLOSED_ZONE | {("example.com", "MX"): ["10 mx1.example.com"]}
    before, after = (
        Heard(zone, {"192.0.2.1": Greylist("Greylisted for 0 seconds")}) for _ in range(2)
    )
    first = await run(before, database, replace(world_of(before), wait_s=0.01))
    again = await run(after, database, replace(world_of(after), wait_s=0.01))

    assert 2 == len(before.connections)
    assert [] == after.connections
    assert first == again


async def test_a_check_that_is_kept_waiting_gives_its_place_to_others(database: Database) -> None:
    """A greylisting server asks for a minute: the next check is let in meanwhile."""
    places = Places(Limits(running=1))
    zone = CLOSED_ZONE | {("example.com", "MX"): ["10 mx1.example.com"]}
    net = Heard(zone, {"192.0.2.1": Greylist("Greylisted for 60 seconds")})

    async def first() -> None:
        async with places.place(job("first")):
            await run(net, database, replace(world_of(net), wait_s=60.0))

    checking = asyncio.create_task(first())
    await asyncio.sleep(0)
    async with asyncio.timeout(20), places.place(job("second")):
        assert not checking.done()
    checking.cancel()


async def test_facts_of_another_version_are_asked_again(database: Database) -> None:
    """What this version cannot read is as good as not there."""
    facts = dict.fromkeys(("dns MX example.com", "smtp 192.0.2.1 25 1"), b"of tomorrow")
    await learn(database, "R1", facts, now=NOW)
    report = await run(Heard(CLOSED_ZONE, CLOSED), database)
    assert ["closed", "closed"] == [mx.judgement.verdict for mx in report.mx if mx.judgement]


async def test_without_its_database_a_check_still_answers(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble of ours with the database is logged, and costs nobody the answer."""
    await forget_reports(database)
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE learnt"))
    report = await run(Heard(CLOSED_ZONE, CLOSED), database)

    assert report.finished
    assert "nothing recalled run=R1" in caplog.messages
    assert "report not kept run=R1" in caplog.messages


def test_each_endpoint_has_a_label_of_its_own(database: Database) -> None:
    """What arrives for one endpoint's message must not speak for another; again it is the same."""
    net = Heard(CLOSED_ZONE, CLOSED)
    memory = _Memory(database, "R1", world_of(net))
    labels = [memory.world().new_nonce(f"prove 192.0.2.{n} 25") for n in (1, 2, 1)]

    assert labels[0] == labels[2] != labels[1]
    assert all("-" not in label for label in labels)


# ---------------------------------------------------------------------------- proof by delivery
AT = ("192.0.2.1", 25)
PLAN = Plan(
    vantage=VANTAGE,
    domain=DOMAIN,
    mx_host="mx1.example.com",
    ip="192.0.2.1",
    port=25,
    tls=TlsMode.NONE,
    nonce="n",
)
SAID = (Exchange(stage=Stage.CONNECT),)


class Mouth(Heard):
    """A net that counts what is said to it; from ``breaks_off`` on it never answers."""

    said: int = 0
    breaks_off: int = 99

    async def converse(
        self, plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        """Connect, or hang."""
        self.said += 1
        if self.said >= self.breaks_off:
            await asyncio.sleep(3600)
        return SAID


def proving(database: Database, net: Mouth, run_id: str = "R1", **changes: object) -> _Memory:
    """Return the memory of a run that proves."""
    world = replace(world_of(net), **changes)  # type: ignore[arg-type] # its fields
    return _Memory(database, run_id, world)


async def say(memory: _Memory) -> tuple[Exchange, ...]:
    """Hold a conversation with the endpoint."""
    return await memory.converse(PLAN, lambda _: None, lambda _: None)


async def proof_cut_off(database: Database, *, after: int) -> None:
    """Ask an endpoint, hand so many messages over to it, and stop in the midst of the next."""
    net = Mouth(CLOSED_ZONE, CLOSED)
    net.breaks_off = after + 2
    memory = proving(database, net)
    await say(memory)
    assert await memory.may_prove(*AT)
    for _ in range(after):
        await say(memory)
    cut = asyncio.ensure_future(say(memory))
    while net.said < net.breaks_off:  # noqa: ASYNC110 - it is about to hang
        await asyncio.sleep(0)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)


async def test_an_endpoint_gets_messages_once_an_hour(database: Database) -> None:
    """Whoever asks, in whatever process; another port is another endpoint."""
    net = Mouth(CLOSED_ZONE, CLOSED)
    one, other = proving(database, net), proving(database, net, "R2")
    later = proving(database, net, "R3", now=lambda: NOW + PROOF_EVERY)

    assert await one.may_prove(*AT)
    assert not await other.may_prove(*AT)
    assert await other.may_prove("192.0.2.1", 587)
    assert await later.may_prove(*AT)


async def test_a_message_that_may_have_been_sent_is_not_sent_again(database: Database) -> None:
    """The first was being handed over when the process ended: nobody knows whether it arrived."""
    await proof_cut_off(database, after=0)
    net = Mouth(CLOSED_ZONE, CLOSED)
    memory = proving(database, net)
    await memory.recall()
    asked = await say(memory)

    assert not await memory.may_prove(*AT)
    assert SAID == asked
    assert 0 == net.said


async def test_messages_that_were_sent_are_remembered(database: Database) -> None:
    """Those before it count as they did; the one that was under way is left out."""
    await proof_cut_off(database, after=1)
    net = Mouth(CLOSED_ZONE, CLOSED)
    memory = proving(database, net)
    await memory.recall()
    await say(memory)

    assert await memory.may_prove(*AT)
    assert [SAID, (), ()] == [await say(memory) for _ in range(3)]
    assert 0 == net.said


async def test_without_the_database_nothing_is_sent(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Who does not know what was sent sends nothing."""
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE proofs"))

    assert not await proving(database, Mouth(CLOSED_ZONE, CLOSED)).may_prove(*AT)
    assert "no proof sent run=R1" in caplog.messages
