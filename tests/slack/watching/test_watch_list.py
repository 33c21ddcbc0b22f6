"""Tests of how watches are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model.domain_name import DomainName
from bot.model.verdict import Judgement, Reason, Verdict
from bot.settling import DOMAIN, Standing
from bot.slack.watching.watch_list import A_PAGE, line, listing
from bot.store.watches import Looks
from tests.render.block_lint import faults
from tests.store.test_watches import CLOSED, NOW, OPEN, watch

SILENT = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
NULL_MX = Judgement(Verdict.NO_MAIL, Reason.NULL_MX)


def held(**standings: Standing) -> Looks:
    """Return looks that have come to these standings."""
    return Looks(standings=standings, looked_at=NOW + timedelta(hours=1))


def settled(judgement: Judgement, unanswered: Judgement | None = None) -> Standing:
    """Return what is held of a host that was seen so now."""
    return Standing(settled=judgement, seen_at=NOW, unanswered=unanswered)


def test_a_watch_that_has_not_looked() -> None:
    """Nothing is known yet, and that is said."""
    told = line(watch(1))

    assert "⏳ no answer yet" in told
    assert "bücher1.example" in told
    assert "daily for <#C1>" in told
    assert "not looked yet" in told
    assert "set by <@U1>" in told


def test_the_worst_host_is_what_it_is() -> None:
    """With when it looked, and when it will."""
    told = line(replace(watch(1), looks=held(mx1=settled(CLOSED), mx2=settled(OPEN))))

    assert told.startswith("🔴 *LIKELY OPEN*")
    assert "looked <!date^" in told
    assert "next <!date^" in told


def test_silence_is_never_shown_as_safety() -> None:
    """What was closed and does not answer any more says since when."""
    looks = held(mx1=settled(CLOSED), mx2=settled(CLOSED, SILENT), mx3=settled(CLOSED, SILENT))
    told = line(replace(watch(1), looks=looks))

    assert f"mx2 without an answer since <!date^{int(NOW.timestamp())}" in told
    assert "(no answer in time)" in told
    assert "1 more hosts too" in told


def test_the_domain_itself_may_be_silent() -> None:
    """Where it named no host, it is meant."""
    told = line(replace(watch(1), looks=held(**{DOMAIN: settled(NULL_MX, SILENT)})))

    assert "the domain without an answer" in told


def test_a_watch_that_rests_says_why() -> None:
    """By whom it was paused, or what stopped it."""
    assert "paused by <@U2>" in line(replace(watch(1), paused="by U2"))
    assert "stopped: that channel is archived" in line(replace(watch(1), paused="is_archived"))
    assert "Slack does not let me post there (odd)" in line(replace(watch(1), paused="odd"))


def test_an_empty_list_says_how_to_begin() -> None:
    """There is something to type."""
    assert "/relaycheck watch example.com" in listing(()).text


def test_a_long_list_has_pages() -> None:
    """Each within Slack's limits; a page that is gone leads to the last."""
    names = ("\u00fc" * 60 + f".{number}.example" for number in range(2 * A_PAGE + 1))
    looks = held(**{"mx" * 40: settled(CLOSED, SILENT), "mx": settled(CLOSED, SILENT)})
    many = [
        replace(watch(1), id=name, domain=DomainName(name, name), looks=looks, paused="by U2")
        for name in names
    ]
    first, second, third, beyond = (listing(many, page) for page in (0, 1, 2, 9))

    assert "11 watches" in first.text
    for card in (first, second, third):
        assert [] == faults(card)
    assert "Next" in str(first.blocks)
    assert "Previous" not in str(first.blocks)
    assert {"Next", "Previous"} <= {
        element["text"]["text"]
        for element in second.blocks[-1]["elements"]  # type: ignore[attr-defined]
    }
    assert third == beyond
    assert "1 watch\n" in listing(many[:1]).text


def test_foreign_names_are_inert() -> None:
    """A domain is shown and does not act, however long it is."""
    odd = replace(watch(1), domain=DomainName("a" * 200 + ".example", "*b* <!here> :boom:.example"))
    card = listing([odd])

    assert [] == faults(card)
    assert "<!here>" not in card.text
