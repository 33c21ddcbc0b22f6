"""Tests of the App Home."""

from typing import Any

from bot.sandbox.slack import Fault
from bot.sandbox.slack.views import OpenView
from bot.slack.asking.home import QUICK_CHECK
from tests.deliver.scripted import host, progress
from tests.slack.office import Office


async def home(office: Office, user: str = "dana") -> OpenView:
    """Open a person's Home, and return it."""
    await office.slack.open_home(user)
    await office.settled()
    view = office.slack.state.views.home(office.slack.workspace.user(user).id)
    assert view is not None
    return view


def text_of(view: OpenView) -> str:
    """Return everything that a view shows."""
    return str(view.wire["blocks"])


async def test_an_empty_home_says_how_to_begin(office: Office) -> None:
    """Before any check, Home has the field, a hint, and who we are."""
    view = await home(office)

    assert "None yet" in text_of(view)
    assert "EHLO probe.example.net" in text_of(view)


async def test_home_shows_what_one_asked_for(office: Office) -> None:
    """One's own checks stand there with verdict, time and a link; others' do not."""
    card = await office.check()

    assert "LIKELY OPEN" in text_of(await home(office))
    assert card.ts.replace(".", "") in text_of(await home(office))
    assert "LIKELY OPEN" not in text_of(await home(office, "kai"))


async def test_home_shows_what_ones_channels_see(office: Office) -> None:
    """Who asked in a channel sees what others ask there, and by whom; not what is private."""
    await office.slack.slash_command("kai", "incident", "example.org")
    await office.settled()
    card = await office.check()
    await office.slack.slash_command("dana", "incident", "secret.example.net --private")
    await office.settled()
    await office.restart()
    seen = text_of(await home(office, "kai"))

    assert "`example.com`" in seen
    assert "asked by <@U0DANA>" in seen
    assert card.ts.replace(".", "") in seen
    assert "secret" not in seen


async def test_home_appears_through_a_rate_limit(office: Office) -> None:
    """A Home that Slack refuses for a moment is published after it."""
    office.slack.faults.add(Fault(method="views.publish", error="ratelimited", status=429))

    assert "None yet" in text_of(await home(office))


async def test_a_private_check_has_no_link(office: Office) -> None:
    """A private result stands nowhere that could be linked to."""
    await office.check("example.com --private")

    assert "· private" in text_of(await home(office))


async def test_a_check_that_runs_is_marked(office: Office) -> None:
    """A check without an end is still asking."""
    office.courses = [[progress(host(1, None))]]
    await office.slack.slash_command("dana", "incident", "example.com")
    await office.settled()

    assert "still asking" in text_of(await home(office))


async def test_the_field_checks_and_answers_directly(office: Office) -> None:
    """What is typed on Home is checked, and the result is a direct message."""
    view = await home(office)
    await office.slack.press("dana", view, QUICK_CHECK, "example.com")
    await office.settled()

    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    assert "1 of 2 mail hosts" in office.slack.channel(dm).messages[0].text
    assert "Checking `example.com`" in text_of(current(office))


async def test_a_direct_result_is_kept_current(office: Office) -> None:
    """In a direct message too, the card is changed in place."""
    office.courses = [[progress(host(1, None)), progress(host(1), finished=True)]]
    view = await home(office)
    await office.slack.press("dana", view, QUICK_CHECK, "example.com")
    await office.settled()

    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    parent, host_card = office.slack.channel(dm).messages
    assert "refuses strangers" in parent.text
    assert parent.ts == host_card.thread_ts


async def test_what_cannot_be_checked_is_said_on_home(office: Office) -> None:
    """A mistake in the field is answered below it."""
    view = await home(office)
    await office.slack.press("dana", view, QUICK_CHECK, "localhost")
    await office.settled()

    assert "localhost" in text_of(current(office))
    assert [] == office.jobs


async def test_the_messages_tab_is_no_home(office: Office) -> None:
    """Only the Home tab is drawn."""
    event: dict[str, Any] = {"type": "app_home_opened", "user": "U0DANA", "tab": "messages"}
    await office.slack.event(event)
    await office.settled()

    assert office.slack.state.views.home("U0DANA") is None


def current(office: Office) -> OpenView:
    """Return Dana's Home as it stands."""
    view = office.slack.state.views.home("U0DANA")
    assert view is not None
    return view
