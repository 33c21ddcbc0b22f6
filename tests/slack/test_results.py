"""Tests of results by their handles."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs import Job
from bot.slack import results as module
from bot.slack.buttons import CardButtons
from bot.slack.results import Results
from tests.deliver.scripted import progress
from tests.jobs.test_in_process import job as plain_job
from tests.slack.kept import NOW
from tests.slack.office import Office


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def job(key: str = "a", **destination: object) -> Job:
    """Return a job whose destination differs as said."""
    made = plain_job(key)
    changed = replace(made.destination, **destination)  # type: ignore[arg-type] # its fields
    return replace(made, destination=changed)


def test_a_handle_leads_to_its_result_in_its_workspace() -> None:
    """A result is found by its handle, and in no other workspace."""
    results = Results(Clock())
    result = results.begin("RUN1", job())

    assert result is results.find("T1", result.handle)
    assert results.find("T2", result.handle) is None
    assert results.find("T1", "unknown") is None


def test_a_check_again_fills_the_same_result() -> None:
    """A later check keeps the handle, the messages and the small print, and adds its own."""
    results = Results(Clock())
    first = results.begin("RUN1", job())
    first.story.standing["mx1"] = "1.2"
    first.story.lines.append("claimed")
    again = results.begin("RUN2", replace(job("b"), again=first.handle, note="again"))

    assert first is again
    assert "RUN2" == again.story.run_id
    assert {"mx1": "1.2"} == again.story.standing
    assert ["claimed", "again"] == again.story.lines


def test_what_is_not_kept_any_more_begins_anew() -> None:
    """A check again of a forgotten result is a result of its own."""
    results = Results(Clock())

    assert "unknown" != results.begin("RUN1", replace(job(), again="unknown")).handle


def test_the_oldest_are_forgotten(monkeypatch: object) -> None:
    """No more than so many are kept, and what is used stays."""
    results = Results(Clock())
    first, second = results.begin("RUN1", job("a")), results.begin("RUN2", job("b"))
    results.begin("RUN3", replace(job("c"), again=first.handle))
    for number in range(module.KEPT - 1):
        results.begin(f"MORE{number}", job(str(number)))

    assert results.find("T1", first.handle) is first
    assert results.find("T1", second.handle) is None


def test_a_person_finds_their_own_latest_first() -> None:
    """What somebody else asked for is not theirs."""
    results = Results(Clock())
    for run_id, user in (("RUN1", "U1"), ("RUN2", "U2"), ("RUN3", "U1")):
        results.begin(run_id, job(run_id, user=user))

    assert ["RUN3", "RUN1"] == [each.story.run_id for each in results.of_person("T1", "U1", 5)]
    assert 1 == len(results.of_person("T1", "U1", 1))


def test_a_twin_is_the_same_request_in_the_same_place_within_a_minute() -> None:
    """Asked again at once, the same is the same; elsewhere, later or in private it is not."""
    clock = Clock()
    results = Results(clock)
    first = results.begin("RUN1", job())

    assert first is results.twin(job("b"))
    assert results.twin(job("b", channel="C2")) is None
    assert results.twin(job("b", private=True)) is None
    assert results.twin(replace(job("b"), request=replace(job().request, probe=False))) is None
    clock.now += timedelta(seconds=61)
    assert results.twin(job("b")) is None


def test_a_result_knows_its_report() -> None:
    """What is known is the story's last progress; before any, there is none."""
    result = Results(Clock()).begin("RUN1", job())
    before = result.report
    result.story.last = progress(finished=True)

    assert before is None
    assert result.report == result.story.last.report


def test_a_result_is_finished_with_its_report() -> None:
    """A result without a report has not come to its end."""
    result = Results(Clock()).begin("RUN1", job())
    before = result.is_finished
    result.story.last = progress(finished=True)

    assert (False, True) == (before, result.is_finished)


def test_a_host_that_is_not_in_the_report_has_no_buttons() -> None:
    """There is nothing to press for a host that nobody knows."""
    result = Results(Clock()).begin("RUN1", job())

    assert [] == list(CardButtons(result, can_prove=True).for_host("mx9.example.com"))


async def test_a_card_says_what_was_asked_for_beside_the_usual(office: Office) -> None:
    """Options that were typed stand on the card, for those who did not type them."""
    card = await office.check("example.com --variants --prove --ports 25,587")

    assert "Asked for: every address form, with proof of delivery, ports 25, 587." in card.text
