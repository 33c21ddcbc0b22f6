"""A job as text and back, and by what two jobs are the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.jobs import Job
from bot.jobs.stored_job import id_of, pack_job, question_of, unpack_job
from bot.model.domain_name import DomainName
from bot.model.glass import Glass
from bot.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
JOB = Job(
    key="trigger",
    request=Request(
        domain=DomainName("xn--bcher-kva.example", "b\u00fccher.example"),
        shown="b\u00fccher.example",
        ports=(25, 587),
        variants=True,
    ),
    destination=Destination(
        team="T1",
        channel="C1",
        user="U1",
        asked_at=NOW,
        response_url="https://hooks.slack.com/commands/1",
        thread_ts="1.1",
    ),
    again="handle",
    note="small print",
    step="step",
    withheld="a rate",
    watch="W1",
    by="U2",
    glass=Glass(by="U3", reason="spam since 14:00", at=NOW),
)


def test_a_job_comes_back_as_it_was() -> None:
    """Every field of it, and of what is in it; text beyond ASCII as it is."""
    assert JOB == unpack_job(pack_job(JOB))


def test_a_plain_job_comes_back_as_it_was() -> None:
    """What nobody asked for is absent again: no ports, no thread, no broken glass."""
    plain = Job(
        key="trigger",
        request=Request(domain=DomainName("a.example", "a.example"), shown="a.example"),
        destination=Destination(team="T1", channel="C1", user="U1", asked_at=NOW),
    )

    assert plain == unpack_job(pack_job(plain))


@pytest.mark.parametrize("text", ["", "{}", "[]", "no JSON", '{"key": "trigger"}'])
def test_what_is_no_job_is_refused(text: str) -> None:
    """What another version wrote is an error, and not a job with gaps."""
    with pytest.raises(ValueError, match="Job"):
        unpack_job(text)


def test_a_job_of_an_earlier_version_lacks_what_came_later() -> None:
    """A field that has a value of its own may be missing: a job outlives an upgrade."""
    stored = json.loads(pack_job(JOB))
    del stored["glass"], stored["by"]

    assert replace(JOB, glass=None, by="") == unpack_job(json.dumps(stored))


def test_the_id_of_a_run_follows_from_the_key() -> None:
    """It is the same in every process and version: what is delivered twice finds its run by it."""
    assert "8FA3AAB2FAA9" == id_of("a key")  # the first 48 bits of SHA-256


def test_a_key_that_is_no_unicode_has_an_id() -> None:
    """A lone surrogate in what was delivered breaks nothing."""
    assert id_of("?") == id_of("\ud800")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda job: replace(job, key="another"), id="key"),
        pytest.param(lambda job: _sent(job, user="U9"), id="person"),
        pytest.param(lambda job: _sent(job, response_url=""), id="response-url"),
        pytest.param(lambda job: _sent(job, asked_at=NOW.replace(hour=13)), id="time"),
    ],
)
def test_who_and_when_make_no_other_question(other: Callable[[Job], Job]) -> None:
    """In a channel an answer is everybody's: the same asked there by another is the same."""
    assert question_of(JOB) == question_of(other(JOB))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda job: _sent(job, team="T9"), id="team"),
        pytest.param(lambda job: _sent(job, channel="C9"), id="channel"),
        pytest.param(lambda job: _sent(job, thread_ts=None), id="thread"),
        pytest.param(lambda job: _asked(job, variants=False), id="variants"),
        pytest.param(lambda job: _asked(job, ports=(25,)), id="ports"),
        pytest.param(lambda job: _asked(job, private=True), id="private"),
        pytest.param(lambda job: _asked(job, domain=DomainName("a.example", "a.example")), id="it"),
    ],
)
def test_what_and_where_make_another_question(other: Callable[[Job], Job]) -> None:
    """Whoever reads elsewhere, or asks for something else, has not been answered."""
    assert question_of(JOB) != question_of(other(JOB))


def test_a_private_answer_is_one_person_s() -> None:
    """What one person alone sees answers nobody else."""
    private = _asked(JOB, private=True)

    assert question_of(private) == question_of(replace(private, key="another"))
    assert question_of(private) != question_of(_sent(private, user="U9"))


def _sent(job: Job, **changes: object) -> Job:
    changed = replace(job.destination, **changes)  # type: ignore[arg-type] # its fields
    return replace(job, destination=changed)


def _asked(job: Job, **changes: object) -> Job:
    changed = replace(job.request, **changes)  # type: ignore[arg-type] # its fields
    return replace(job, request=changed)
