"""Breaking the glass in Slack: who may, what it takes, and what everybody sees of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.model.finding import Finding, Tag
from bot.policy import Rule
from bot.sandbox.slack import Fault
from bot.settings import People, ProbePolicy, Rate, Settings
from bot.slack.cards.again import GLASS_HOLDS
from bot.slack.cards.buttons import BREAK_GLASS, CHECK_AGAIN, PROVE, VARIANTS
from bot.slack.cards.press import GONE
from bot.slack.groups import SCOPE
from bot.store.audit import Act
from tests.deliver.scripted import LIKELY_OPEN, host, progress
from tests.slack.labels import labels
from tests.slack.office import Office, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from bot.model.report import MxReport, Progress
    from bot.sandbox.slack import Message

DANA, GROUP = People(people=("U0DANA",)), People(groups=("S0ONCALL",))
FILLED = {"reason": "customers get spam through it since 14:00", "sure": ["yes"]}
FOUND = [progress(host(1, LIKELY_OPEN), finished=True)]


def withheld(rule: Rule = Rule.VERIFICATION) -> MxReport:
    """Return a host whose address was not asked all that was wanted."""
    finding = Finding(
        Tag.PROBE_WITHHELD, {"ip": "192.0.2.1", "why": "not verified", "rule": rule.value}
    )
    (address,) = host(1).addresses
    return replace(host(1), addresses=(replace(address, findings=(finding,)),))


def course(rule: Rule = Rule.VERIFICATION) -> list[Progress]:
    """Return a check that ends with such a host."""
    return [progress(withheld(rule), finished=True)]


def settings(people: People = DANA, **named: object) -> Settings:
    """Return settings under which servers have to be verified."""
    fields: dict[str, object] = {"probe_policy": ProbePolicy.VERIFIED, "break_glass": people}
    return Settings(**fields | named)  # type: ignore[arg-type] # any of them


@pytest.fixture
async def strict(session: aiohttp.ClientSession) -> AsyncIterator[Office]:
    """A workspace in which only what is verified may be asked, and Dana may break the glass."""
    async with opened(session, settings()) as office:
        office.courses = [course(), FOUND]
        yield office


async def offered(office: Office, user: str = "dana", text: str = "example.com") -> Message:
    """Check a domain that is not verified, and press the button two minutes later."""
    card = await office.check(text)
    office.wait(minutes=2)
    await office.slack.press(user, card, BREAK_GLASS)
    await office.settled()
    return card


async def test_a_named_person_breaks_the_glass(strict: Office) -> None:
    """The check begins anew on their word; name, time and reason stand on the card."""
    card = await offered(strict)
    await strict.slack.submit("dana", FILLED)
    await strict.settled()

    first, second = strict.jobs
    assert first.glass is None
    assert second.glass is not None
    assert ("U0DANA", FILLED["reason"]) == (second.glass.by, second.glass.reason)
    assert first.request == second.request
    after = strict.parent()
    assert card.ts == after.ts
    assert "*<@U0DANA> broke the glass* <!date^" in after.text
    assert f": {FILLED['reason']}" in after.text
    assert "LIKELY OPEN" in after.text


async def test_it_is_audited(strict: Office) -> None:
    """Who, where, what domain and why: one line, beside those of the press and the run."""
    await offered(strict)
    await strict.slack.submit("dana", FILLED)
    await strict.settled()

    (line,) = [deed for deed in await strict.audit() if deed.act is Act.GLASS]
    assert ("U0DANA", "C0INCIDENT", "example.com") == (line.person, line.channel, line.domain)
    assert f"broken: {FILLED['reason']}" == line.outcome


async def test_nobody_else_can(strict: Office) -> None:
    """Who is not named is told how else; no form opens, nothing is asked, the try is audited."""
    await offered(strict, "kai")

    assert "Only those whom my operator named" in strict.told(user="U0KAI")
    assert () == tuple(strict.slack.state.views.stack("U0KAI"))
    assert 1 == len(strict.jobs)
    (line,) = [deed for deed in await strict.audit() if deed.person == "U0KAI"]
    assert ("break_glass", Act.PRESS) == (line.what, line.act)
    assert line.outcome.startswith("refused: Only those")


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        ({"reason": "", "sure": ["yes"]}, "reason", "Say why in 10 characters"),
        ({"reason": "  because  ", "sure": ["yes"]}, "reason", "Say why in 10 characters"),
        ({"reason": FILLED["reason"], "sure": []}, "sure", "Tick it"),
    ],
)
async def test_it_wants_a_reason_and_a_yes(
    strict: Office, filled: dict[str, str | list[str] | None], field: str, said: str
) -> None:
    """Without either the form stays open and says what is missing; nothing is asked."""
    await offered(strict)
    await strict.slack.submit("dana", filled)
    await strict.settled()

    (view,) = strict.slack.state.views.stack("U0DANA")
    assert said in view.errors[field]
    assert 1 == len(strict.jobs)


async def test_a_reason_is_foreign_text(strict: Office) -> None:
    """What somebody writes as a reason mentions nobody and formats nothing."""
    await offered(strict)
    await strict.slack.submit("dana", FILLED | {"reason": "<!channel> *all* of it <@U0KAI>"})
    await strict.settled()

    shown = str(strict.parent().blocks) + strict.parent().text
    assert "<!channel>" not in shown
    assert "<@U0KAI>" not in shown


async def test_a_group_may_be_named(session: aiohttp.ClientSession) -> None:
    """Slack says who is in it: Dana is, Kai is not."""
    async with opened(session, settings(GROUP)) as office:
        office.slack.state.scopes |= {SCOPE}
        office.courses = [course(), FOUND]
        card = await offered(office, "kai")
        assert "Only those" in office.told(user="U0KAI")
        await office.slack.press("dana", card, BREAK_GLASS)
        await office.settled()
        await office.slack.submit("dana", FILLED)
        await office.settled()

        assert 2 == len(office.jobs)


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited"])
async def test_a_group_that_slack_does_not_tell_lets_nobody_in(
    session: aiohttp.ClientSession, error: str
) -> None:
    """No answer is no membership; the presser is told why."""
    async with opened(session, settings(GROUP)) as office:
        office.slack.state.scopes |= {SCOPE}
        office.slack.faults.add(Fault(method="usergroups.users.list", error=error))
        office.courses = [course(), FOUND]
        await offered(office)

        assert f"Slack did not say who is in the group ({error})" in office.told()
        assert 1 == len(office.jobs)


async def test_a_form_that_stood_open_for_too_long(session: aiohttp.ClientSession) -> None:
    """What Slack said of a group is believed for a while; then the button is pressed again."""
    async with opened(session, settings(GROUP)) as office:
        office.slack.state.scopes |= {SCOPE}
        office.courses = [course(), FOUND]
        await offered(office)
        office.desk.permissions.glass._found._seen.clear()
        await office.slack.submit("dana", FILLED)

        (view,) = office.slack.state.views.stack("U0DANA")
        assert "press the button again" in view.errors["reason"]


async def test_it_has_a_rate_of_its_own(session: aiohttp.ClientSession) -> None:
    """So often for a domain, and then the form says when to come again."""
    once = settings(rate_break_glass=Rate(1, 86_400, "day"))
    async with opened(session, once) as office:
        office.courses = [course()]
        card = await offered(office)
        await office.slack.submit("dana", FILLED)
        await office.settled()
        office.wait(minutes=2)
        await office.slack.press("dana", card, BREAK_GLASS)
        await office.settled()
        await office.slack.submit("dana", FILLED)

        (view,) = office.slack.state.views.stack("U0DANA")
        assert "at most 1 probe per day for a domain, again from" in view.errors["reason"]
        assert 2 == len(office.jobs)


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.VERIFICATION])
async def test_nothing_else_is_offered(strict: Office, rule: Rule) -> None:
    """Opt-outs, shared hosts, rates, a pause, a probe that is switched off: there is no button."""
    strict.courses = [course(rule)]

    assert "Break the glass" not in labels(await strict.check())


async def test_nobody_named_means_no_button(office: Office) -> None:
    """By default the glass cannot be broken."""
    office.courses = [course()]

    assert "Break the glass" not in labels(await office.check())


async def test_the_button_stands_where_it_helps(strict: Office) -> None:
    """A card that lacks a verification offers it, and stops when it does not any more."""
    assert "Break the glass" in labels(await strict.check())

    strict.courses = [FOUND]
    assert "Break the glass" not in labels(await strict.check("example.org", "payload-incidents"))


async def test_a_private_result_is_shared_first(strict: Office) -> None:
    """The glass is not broken in secret."""
    strict.courses = [course()]
    card = await strict.check("example.com --private")
    strict.wait(minutes=2)
    await strict.slack.press("dana", card, BREAK_GLASS)
    await strict.settled()

    assert "Share the result first" in strict.told()


async def test_a_card_that_has_nothing_withheld_any_more(strict: Office) -> None:
    """Whoever presses an old card is told what is true now."""
    card = await strict.check()
    strict.wait(minutes=2)
    (await strict.result()).story.last = FOUND[0]
    await strict.slack.press("dana", card, BREAK_GLASS)
    await strict.settled()

    assert "Nothing here was withheld" in strict.told()


async def test_a_form_whose_moment_has_passed(strict: Office) -> None:
    """While it stood open somebody else asked again: nothing is asked twice."""
    card = await offered(strict)
    strict.courses = [course()]
    await strict.slack.press("dana", card, CHECK_AGAIN)
    await strict.settled()
    await strict.slack.submit("dana", FILLED)

    (view,) = strict.slack.state.views.stack("U0DANA")
    assert "less than a minute ago" in view.errors["reason"]


async def test_a_form_whose_card_is_gone(strict: Office) -> None:
    """A handle that leads nowhere is answered beside the field."""
    await offered(strict)
    (view,) = strict.slack.state.views.stack("U0DANA")
    view.wire["private_metadata"] = '["nobody", "C0INCIDENT"]'
    await strict.slack.submit("dana", FILLED)

    assert GONE.replace("`", "") == view.errors["reason"]


async def test_work_that_is_not_taken_breaks_nothing(strict: Office) -> None:
    """When no work is taken, the form says so."""
    await offered(strict)
    await strict.desk.jobs.drain(1)
    await strict.slack.submit("dana", FILLED)

    (view,) = strict.slack.state.views.stack("U0DANA")
    assert "restart" in view.errors["reason"]


async def test_it_holds_for_that_card_for_an_hour(strict: Office) -> None:
    """Whoever repairs a host may look again, and after that time asks anew."""
    strict.courses = [course(), FOUND, FOUND, course()]
    card = await offered(strict)
    await strict.slack.submit("dana", FILLED)
    await strict.settled()
    for later in (timedelta(minutes=10), GLASS_HOLDS):
        strict.wait(seconds=later.total_seconds())
        await strict.slack.press("kai", card, CHECK_AGAIN)
        await strict.settled()

    assert [False, True, True, False] == [job.glass is not None for job in strict.jobs]
    assert "broke the glass" in strict.parent().text


@pytest.mark.parametrize("more", [PROVE, VARIANTS])
async def test_it_holds_for_no_more_than_it_was_broken_for(strict: Office, more: str) -> None:
    """A message and every form need a word of their own: nobody else's press adds them."""
    strict.courses = [course(), FOUND, course()]
    await offered(strict)
    await strict.slack.submit("dana", FILLED)
    await strict.settled()
    strict.wait(minutes=10)
    await strict.slack.press("kai", strict.parent(), more)
    await strict.settled()

    broken, pressed = strict.jobs[1:]
    assert broken.glass is not None
    assert pressed.request.prove or pressed.request.variants
    assert pressed.glass is None
    assert "Break the glass" in labels(strict.parent())


async def test_the_word_stands_as_long_as_it_holds(strict: Office) -> None:
    """However often somebody checks again on it, everybody sees on whose word and why."""
    await offered(strict)
    await strict.slack.submit("dana", FILLED)
    await strict.settled()
    for _ in range(4):
        strict.wait(minutes=2)
        await strict.slack.press("kai", strict.parent(), CHECK_AGAIN)
        await strict.settled()
    after = strict.parent().text

    assert strict.jobs[-1].glass is not None
    assert 1 == after.count("broke the glass")
    assert str(FILLED["reason"]) in after
    assert 3 == after.count("Checked again by")
