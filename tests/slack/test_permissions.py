"""Who may do what in Slack, for each job: consent, policy, rates, proof."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.breaker import PAUSE
from bot.deliver import Destination
from bot.edges import Reuse
from bot.jobs import Job
from bot.model.glass import Glass
from bot.model.verdict import Reason
from bot.policy import Place, Rule
from bot.policy.consent import AS_WANTED
from bot.relay.attempts import Reused
from bot.request import Request, parse_request
from bot.settings import ProbePolicy, Rate, Settings
from bot.slack import permissions as module
from bot.slack.cards.buttons import PROVE, VARIANTS
from bot.slack.permissions import Permissions
from bot.slack.rates import Scope
from tests.posture.zone import Zone
from tests.slack.kept import NOW, nodata
from tests.test_breaker import RATE
from tests.test_breaker import report as listing
from tests.test_check import Net
from tests.transcripts.reading import plan

if TYPE_CHECKING:
    from bot.edges import World
    from bot.model.question import Answer, Question
    from tests.slack.office import Office

PLACE = Place("example.com", "mx.example.com", "192.0.2.1")
SECRET = "0123456789abcdef"


def job(text: str = "example.com", key: str = "1", user: str = "U1", team: str = "T1") -> Job:
    """Return the job of a command."""
    request = parse_request(text)
    assert isinstance(request, Request)
    place = Destination(team=team, channel="C1", user=user, asked_at=NOW)
    return Job(key=key, request=request, destination=place)


class Setting:
    """Permissions by some settings, in front of a zone, with a clock that stands still."""

    def __init__(self, records: dict[str, str | list[str]] | None = None, **named: object) -> None:
        self.zone = Zone(records or {})
        self.time = 0.0
        settings = Settings(verify_secret=SECRET, **named)  # type: ignore[arg-type] # any of them
        self.permissions = Permissions(settings, lambda: self.time, self.zone.ask)

    def world(self, of: Job) -> World:
        """Return the world as a job may deal with it."""
        return self.permissions.apply(Net({}).world(), of)


@pytest.mark.parametrize(
    ("limit", "scope", "second"),
    [
        ("rate_user", Scope.USER, job(key="2")),
        ("rate_workspace", Scope.WORKSPACE, job(key="2", user="U2")),
        ("rate_total", Scope.TOTAL, job(key="2", user="U2", team="T2")),
    ],
)
async def test_what_is_counted_when_it_is_asked_for(limit: str, scope: Scope, second: Job) -> None:
    """A person's, a workspace's and the total rate; each names itself."""
    permissions = Setting(None, **{limit: Rate(1, 3600, "hour")}).permissions

    assert await permissions.count(job()) is None
    full = await permissions.count(second)

    assert full is not None
    assert scope is full.scope


async def test_what_is_not_counted() -> None:
    """The same job again, and one that asks no mail server."""
    permissions = Setting(rate_user=Rate(2, 3600, "hour")).permissions

    for _ in range(3):
        assert await permissions.count(job()) is None
        assert await permissions.count(job("example.com --no-probe", key="3")) is None
    assert await permissions.count(job(key="4")) is None
    assert await permissions.count(job(key="5")) is not None


async def test_who_presses_is_counted() -> None:
    """Who asks again is another person than who asked first."""
    permissions = Setting(rate_user=Rate(1, 3600, "hour")).permissions

    assert await permissions.count(replace(job(), by="U2")) is None
    assert await permissions.count(job(key="2")) is None
    assert await permissions.count(replace(job(key="3"), by="U2")) is not None


async def test_an_address_is_asked_once_in_its_time() -> None:
    """The second check of the same address is refused, with the time to come again."""
    setting = Setting(rate_address=Rate(1, 60, "minute"))
    first, second = job(), job(key="2")

    admitted = await setting.world(first).gate.admit(first.request, PLACE, setting.zone.ask)
    refused = await setting.world(second).gate.admit(second.request, PLACE, setting.zone.ask)

    assert AS_WANTED == admitted
    assert Reason.POLICY is refused.refused
    assert "an address takes at most 1 probe per minute from here, again from " in refused.why


async def test_a_network_is_counted_once_in_a_check() -> None:
    """Several addresses of one check in one network are one probe of that network."""
    setting = Setting(rate_network=Rate(1, 3600, "hour"))
    one, other = job(), job(key="2")
    gate = setting.world(one).gate
    for ip in ("192.0.2.1", "192.0.2.2"):
        place = replace(PLACE, ip=ip)
        assert AS_WANTED == await gate.admit(one.request, place, setting.zone.ask)

    place = replace(PLACE, ip="192.0.2.3")
    refused = await setting.world(other).gate.admit(other.request, place, setting.zone.ask)
    assert Reason.POLICY is refused.refused
    assert "a network takes" in refused.why


async def test_the_default_rates_spare_the_operators_own_networks() -> None:
    """Strangers are asked once a minute; what the operator let in is no stranger, unless set so."""
    own = (ipaddress.ip_network("192.0.2.0/24"),)
    spared = Setting(allow_networks=own)
    counted = Setting(allow_networks=own, rate_address=Rate(1, 60, "minute"))
    stranger = replace(PLACE, ip="198.51.100.1")

    async def asked_twice(setting: Setting, place: Place) -> list[bool]:
        wanted = [job(), job(key="2")]
        rulings = [
            await setting.world(one).gate.admit(one.request, place, setting.zone.ask)
            for one in wanted
        ]
        return [ruling.refused is None for ruling in rulings]

    assert [True, True] == await asked_twice(spared, PLACE)
    assert [True, False] == await asked_twice(counted, PLACE)
    assert [True, False] == await asked_twice(spared, stranger)


async def test_who_is_refused_by_consent_is_not_counted() -> None:
    """An opt-out costs the address nothing, and holds whatever is verified."""
    setting = Setting({"_relaycheck-optout.mx.example.com TXT": "no"})
    wanted = job()
    gate = setting.world(wanted).gate

    for _ in range(2):
        ruling = await gate.admit(wanted.request, PLACE, setting.zone.ask)
        assert Reason.OPTED_OUT is ruling.refused
    setting.zone.records.clear()
    assert AS_WANTED == await gate.admit(wanted.request, PLACE, setting.zone.ask)


async def test_a_job_that_was_refused_asks_nothing() -> None:
    """Neither DNS for the gate's sake nor any server."""
    setting = Setting()
    withheld = replace(job(), withheld="a person may ask for 20 probes per hour")
    gate = setting.world(withheld).gate

    assert () == gate.questions(withheld.request, "example.com")
    ruling = await gate.admit(withheld.request, PLACE, setting.zone.ask)
    assert (Reason.POLICY, withheld.withheld) == (ruling.refused, ruling.why)
    assert [] == setting.zone.asked


@pytest.mark.parametrize("option", ["--variants", "--prove"])
async def test_more_than_the_plain_question_needs_verification(option: str) -> None:
    """The token is the workspace's; the operator's networks need none."""
    setting = Setting()
    wanted = job(f"example.com {option}")
    gate = setting.world(wanted).gate
    assert (await gate.admit(wanted.request, PLACE, setting.zone.ask)).plainly

    token = setting.permissions.consent("T1").token("example.com")
    setting = Setting({"_relaycheck.example.com TXT": token})
    ruling = await setting.world(wanted).gate.admit(wanted.request, PLACE, setting.zone.ask)
    assert AS_WANTED == ruling

    setting = Setting(allow_networks="192.0.2.0/24")
    ruling = await setting.world(wanted).gate.admit(wanted.request, PLACE, setting.zone.ask)
    assert AS_WANTED == ruling


async def test_the_policy_of_the_settings() -> None:
    """Off is off for all."""
    setting = Setting(probe_policy=ProbePolicy.OFF)
    wanted = job()
    ruling = await setting.world(wanted).gate.admit(wanted.request, PLACE, setting.zone.ask)

    assert Reason.POLICY is ruling.refused


async def test_whether_a_name_is_verified() -> None:
    """A token that DNS has, none, and a DNS that does not answer in time."""
    setting = Setting()
    assert not await setting.permissions.is_verified("T1", "example.com")

    token = setting.permissions.consent("T1").token("example.com")
    setting.zone.records["_relaycheck.example.com TXT"] = [token]
    assert await setting.permissions.is_verified("T1", "mx.example.com")
    assert not await setting.permissions.is_verified("T2", "mx.example.com")


async def test_a_look_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ack does not wait for a name server that never answers."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)

    async def ask(_: Question) -> Answer:
        return await asyncio.Future()

    permissions = Permissions(Settings(verify_secret=SECRET), lambda: 0.0, ask)  # type: ignore[arg-type]

    assert await permissions.is_verified("T1", "example.com") is None


STRANGERS = [Place(f"d{n}.example", f"mx.d{n}.example", f"198.51.{n}.25") for n in (1, 2, 3, 4)]


async def test_strangers_who_call_us_listed_make_probes_pause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After the third nobody is asked, whoever asks; the card says why and until when; then on."""
    setting, wanted = Setting(), job()
    world = replace(setting.world(wanted), now=lambda: NOW)
    gate = setting.permissions.apply(world, wanted).gate
    for number in (1, 2, 3):
        assert AS_WANTED == await gate.admit(wanted.request, STRANGERS[number], setting.zone.ask)
        setting.permissions.note(listing(number, at=NOW), NOW)
    setting.permissions.note(None, NOW)  # a check that ended without a report

    ruling = await gate.admit(wanted.request, STRANGERS[0], setting.zone.ask)
    assert (Reason.POLICY, Rule.BREAKER) == (ruling.refused, ruling.rule)
    assert "until 2026-11-23 18:03 UTC" in ruling.why
    assert ["probes pause: " + ruling.why] == caplog.messages

    gate = setting.permissions.apply(replace(world, now=lambda: NOW + PAUSE), wanted).gate
    assert AS_WANTED == await gate.admit(wanted.request, STRANGERS[0], setting.zone.ask)


async def test_a_pause_is_recalled_after_a_restart() -> None:
    """The reports that are kept tell the next process what servers said to this one."""
    setting = Setting()
    setting.permissions.recall(listing(n, at=NOW) for n in (1, 2, 3))

    assert setting.permissions.pause(NOW) is not None
    assert timedelta(days=1) + PAUSE == setting.permissions.memory


@pytest.mark.parametrize(("set_so", "asked"), [({}, True), ({"breaker": RATE}, False)])
async def test_the_operators_own_are_asked_in_a_pause(
    set_so: dict[str, object], asked: bool
) -> None:
    """Neither do they make it pause, nor does it keep us from them, unless the rate is set."""
    own = (ipaddress.ip_network("198.51.0.0/16"),)
    setting, wanted = Setting(None, allow_networks=own, **set_so), job()
    world = replace(setting.world(wanted), now=lambda: NOW)
    setting.permissions.recall(listing(n, at=NOW) for n in (1, 2, 3))
    setting.permissions.recall(listing(n, at=NOW, ip=f"203.0.{n}.1") for n in (4, 5, 6))
    gate = setting.permissions.apply(world, wanted).gate

    ruling = await gate.admit(wanted.request, STRANGERS[0], setting.zone.ask)
    assert asked == (ruling.refused is None)


async def test_broken_glass_opens_what_verification_closes() -> None:
    """And neither a pause nor an opt-out."""
    setting = Setting(probe_policy=ProbePolicy.VERIFIED)
    wanted = replace(job(), glass=Glass(by="U1", reason="an incident", at=NOW))
    world = replace(setting.world(wanted), now=lambda: NOW)
    gate = setting.permissions.apply(world, wanted).gate

    assert AS_WANTED == await gate.admit(wanted.request, PLACE, setting.zone.ask)
    setting.zone.records["_relaycheck-optout.mx.example.com TXT"] = ["no"]
    ruling = await gate.admit(wanted.request, PLACE, setting.zone.ask)
    assert Reason.OPTED_OUT is ruling.refused
    setting.permissions.recall(listing(n, at=NOW) for n in (1, 2, 3))
    ruling = await gate.admit(wanted.request, STRANGERS[0], setting.zone.ask)
    assert Rule.BREAKER is ruling.rule


async def test_broken_glass_is_counted_by_domain() -> None:
    """So often a day for one domain in one workspace."""
    permissions = Setting(rate_break_glass=Rate(1, 86_400, "day")).permissions

    assert await permissions.count_broken_glass("T1", "example.com") is None
    assert await permissions.count_broken_glass("T1", "example.org") is None
    assert await permissions.count_broken_glass("T2", "example.com") is None
    full = await permissions.count_broken_glass("T1", "example.com")
    assert full is not None
    assert Scope.GLASS is full.scope


@pytest.mark.parametrize(
    ("asked", "reuses"),
    [(job(), True), (replace(job(), again="handle"), False), (replace(job(), watch="W1"), False)],
)
def test_who_asks_anew(asked: Job, reuses: bool) -> None:
    """Who checks again, and a look of a watch, reuse nothing; what they learn is lent to others."""
    reuse = Reuse(recall=lambda _plan: Reused((), 60), note=lambda _plan, _judged: None)
    seen = Setting().permissions.apply(Net({}).world(reuse=reuse), asked)

    assert reuses is (seen.reuse.recall(plan()) is not None)
    assert reuse.note is seen.reuse.note


@pytest.mark.parametrize("button", [VARIANTS, PROVE])
async def test_what_a_button_asks_is_held_to_the_same_rules(office: Office, button: str) -> None:
    """Pressed or typed: without verification the plain question alone is asked."""
    card = await office.check()
    office.wait(minutes=2)
    await office.slack.press("kai", card, button)
    await office.settled()

    pressed = office.jobs[-1]
    assert pressed.request.variants or pressed.request.prove
    gate = office.desk.permissions.apply(Net({}).world(), pressed).gate
    ruling = await gate.admit(pressed.request, PLACE, nodata)
    assert (None, True) == (ruling.refused, ruling.plainly)
