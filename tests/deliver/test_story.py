"""Tests of a check told as cards."""

import pytest

from bot.deliver.outbox import PARENT
from bot.model.domain_name import DomainName
from tests.deliver.scripted import CLOSED, LIKELY_OPEN, host, progress, story


def test_a_host_is_told_once_its_dns_is_known() -> None:
    """One of few hosts has its card while it is still being asked."""
    told = story(last=progress(host(1, None), host(2, resolved=False)))

    assert ["mx1.example.com"] == [name for name, _ in told.hosts()]


def test_of_many_hosts_each_is_told_once_it_is_judged() -> None:
    """A thread of many hosts is not filled with cards that say nothing yet."""
    told = story(last=progress(host(1), *(host(number, None) for number in range(2, 14))))

    assert ["mx1.example.com"] == [name for name, _ in told.hosts()]


def test_at_the_end_every_host_is_told() -> None:
    """A finished check has a card for each host, whatever is known of it."""
    told = story(last=progress(host(1, None), host(2, resolved=False), finished=True))

    assert 2 == len(list(told.hosts()))


def test_the_worst_comes_first() -> None:
    """Where only some of the cards may fit, they are the parent and the worst hosts."""
    hosts = (host(1, CLOSED), host(2, LIKELY_OPEN), host(3, None))
    told = story(last=progress(*hosts, finished=True))

    parent, *cards = [card.text.partition(":")[0] for card in told.worst_first()]
    assert "example.com" == parent
    assert ["mx2.example.com", "mx3.example.com", "mx1.example.com"] == cards


def test_before_anything_is_known_there_is_a_card_all_the_same() -> None:
    """An end without any progress names the domain."""
    told = story()
    told.end(line="Interrupted.")

    assert "`example.com`" in told.parent().text
    assert "Interrupted." in told.parent().text
    assert 1 == len(told.worst_first())


def test_an_early_end_finishes_the_report() -> None:
    """Ended with an error, the report is finished, and its card has the error's id."""
    told = story(last=progress(host(1, None)))
    told.end(error_id="1a2b3c4d")

    assert told.last is not None
    assert told.last.report.finished
    assert "1a2b3c4d" in told.parent().text


def test_a_finished_story_does_not_end_twice() -> None:
    """What came to its own end is not called interrupted afterwards."""
    told = story(last=progress(host(1), finished=True))
    told.end(line="Interrupted.")

    assert "Interrupted." not in told.parent().text


def test_a_card_that_cannot_be_rendered_is_told_with_an_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours in a card is a plain card with an id, logged once however often it shows."""
    broken = progress(host(1), finished=True)
    object.__setattr__(broken.report, "domain", None)
    told = story(last=broken)

    first, second = told.parent(), told.parent()

    assert first == second
    assert "`example.com`" in first.text
    (logged,) = caplog.records
    assert logged.getMessage().rpartition("error_id=")[2] in first.text
    assert DomainName("example.com", "example.com") != broken.report.domain
    assert PARENT not in dict(told.hosts())


def test_a_fault_of_ours_says_nothing_of_hosts_that_stand() -> None:
    """A check that broke off did not find out which hosts there are."""
    told = story(last=progress(host(1, None)), standing={PARENT: "1.1", "mx9.example.com": "1.2"})
    told.end(error_id="7F3A")

    assert ["mx1.example.com"] == [name for name, _ in told.hosts()]
