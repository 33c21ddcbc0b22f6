"""Tests of work after an ack."""

import asyncio

import pytest

from bot.slack.front.afterwards import Afterwards


class Told:
    """Somebody who is apologised to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.words: list[str] = []
        self.fault = fault

    async def __call__(self, text: str) -> None:
        """Hear it, or be out of reach."""
        if self.fault:
            raise self.fault
        self.words.append(text)


def afterwards() -> Afterwards:
    """Return a place for work at which time stands still."""
    return Afterwards(lambda: 0.0)


async def test_work_is_done_once_for_a_key() -> None:
    """The same act delivered twice is done once."""
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    later = afterwards()
    for _ in range(2):
        later.start("13345224609.738", work, Told())
    await later.drain(1)

    assert [1] == done


async def test_a_failure_is_told_with_its_id(caplog: pytest.LogCaptureFixture) -> None:
    """Who caused the work is told that it failed, with an id that the log has."""

    async def work() -> None:
        raise RuntimeError("boom")

    told, later = Told(), afterwards()
    later.start("key", work, told)
    await later.drain(1)

    error_id = caplog.messages[0].rpartition("error_id=")[2]
    assert [f"That went wrong on our side. Error {error_id}: the log has it."] == told.words


async def test_an_apology_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Even the apology may fail, and that ends there."""

    async def work() -> None:
        raise RuntimeError("boom")

    later = afterwards()
    later.start("key", work, Told(RuntimeError("gone")))
    await later.drain(1)

    assert "apology not delivered" in caplog.messages[1]


async def test_drain_waits_so_long_and_no_longer() -> None:
    """What does not end in time is cancelled."""
    cancelled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    later = afterwards()
    later.start("key", work, Told())
    await asyncio.sleep(0)
    await later.drain(0.01)
    await asyncio.sleep(0)

    assert [True] == cancelled


async def test_what_is_cut_off_is_apologised_for() -> None:
    """Whoever's work a process leaves undone at its end is told so."""

    async def work() -> None:
        await asyncio.Event().wait()

    told, later = Told(), afterwards()
    later.start("key", work, told)
    await later.drain(0.01)

    assert ["relaycheck was stopped before that was done. Please try again in a moment."] == (
        told.words
    )


async def test_with_nothing_to_do_drain_returns() -> None:
    """An idle place drains at once."""
    await afterwards().drain(1)
