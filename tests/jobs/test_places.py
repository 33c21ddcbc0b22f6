"""How many run at once, and that who rests has no place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.jobs.places import Limits, Places, keep_place
from bot.model.report import Awaited, Progress, Waiting
from tests.jobs.test_durable import job
from tests.render import samples

if TYPE_CHECKING:
    from bot.jobs import Job


def waiting(*what: Awaited) -> Progress:
    """Return a check that waits for these."""
    report = samples.running().report
    return Progress(report, tuple(Waiting(f"mx{n}", each) for n, each in enumerate(what)))


class Worker:
    """Somebody who does a job in its place, until told to end."""

    def __init__(self, places: Places, job: Job) -> None:
        self._places = places
        self._job = job
        self.told: asyncio.Queue[Progress | None] = asyncio.Queue()
        self.is_in = False
        self.task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        async with self._places.place(self._job):
            self.is_in = True
            while (progress := await self.told.get()) is not None:
                keep_place(progress)

    def end(self) -> None:
        """Let it leave."""
        self.told.put_nowait(None)


async def settle() -> None:
    """Let everybody do what they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def present(workers: list[Worker]) -> list[bool]:
    """Return who has been let in."""
    await settle()
    return [worker.is_in for worker in workers]


@pytest.mark.parametrize(
    ("limits", "jobs"),
    [
        (Limits(running=2), ["T1", "T2", "T3"]),
        (Limits(per_team=2), ["T1", "T1", "T1"]),
        (Limits(scheduled=2), ["watch", "watch", "watch"]),
    ],
)
async def test_so_many_and_no_more(limits: Limits, jobs: list[str]) -> None:
    """The third waits until one of the others leaves, whichever limit it is."""
    places = Places(limits)
    workers = [
        Worker(places, replace(job(str(n), team), watch=team if team == "watch" else ""))
        for n, team in enumerate(jobs)
    ]
    assert [True, True, False] == await present(workers)
    workers[0].end()
    assert [True, True, True] == await present(workers)
    for worker in workers:
        worker.end()
    await asyncio.gather(*(worker.task for worker in workers))


async def test_workspaces_do_not_wait_for_each_other() -> None:
    """What one has used up is still there for another."""
    places = Places(Limits(per_team=1))
    workers = [Worker(places, job(str(n), team)) for n, team in enumerate(("T1", "T1", "T2"))]

    assert [True, False, True] == await present(workers)
    assert not places.are_scheduled_full
    for worker in workers:
        worker.task.cancel()


async def test_who_rests_makes_room_and_comes_back_at_once() -> None:
    """Each of 25 greylisted checks waits a quarter of an hour, and none stops the workspace."""
    places = Places(Limits(running=1, per_team=1))
    first, second, third = (Worker(places, job(str(n))) for n in range(3))
    assert [True, False, False] == await present([first, second, third])

    first.told.put_nowait(waiting(Awaited.RETRY, Awaited.CONNECT))  # it asks another host meanwhile
    assert [True, False, False] == await present([first, second, third])
    first.told.put_nowait(waiting(Awaited.RETRY, Awaited.DELIVERY))
    first.told.put_nowait(waiting(Awaited.RETRY))
    assert [True, True, False] == await present([first, second, third])

    first.told.put_nowait(waiting(Awaited.CONNECT))
    second.end()
    assert [True, True, False] == await present([first, second, third])  # the first has it again
    first.end()
    assert [True, True, True] == await present([first, second, third])
    third.end()
    await asyncio.gather(first.task, second.task, third.task)


async def test_who_ends_while_resting_leaves_no_place_behind() -> None:
    """Its place was given away already, and is given away once."""
    places = Places(Limits(running=1))
    first, second, third = (Worker(places, job(str(n))) for n in range(3))
    await settle()
    first.told.put_nowait(waiting(Awaited.RETRY))
    await settle()
    first.task.cancel()

    assert [True, True, False] == await present([first, second, third])
    second.end()
    assert [True, True, True] == await present([first, second, third])
    third.end()
    await asyncio.gather(second.task, third.task)


async def test_who_is_stopped_while_waiting_keeps_nobody_out() -> None:
    """Neither before a place is free, nor at the very moment when it gets one."""
    places = Places(Limits(running=1))
    first, second, third, fourth = (Worker(places, job(str(n))) for n in range(4))
    await settle()
    second.task.cancel()
    await settle()
    first.end()
    while not first.task.done():  # its place goes to the third, which does not know yet
        await asyncio.sleep(0)
        if first.task.done():
            third.task.cancel()

    assert [True, False, False, True] == await present([first, second, third, fourth])
    fourth.end()
    await fourth.task


def test_a_check_without_a_job_has_no_place() -> None:
    """Whoever runs a check by itself may say what it waits for."""
    keep_place(waiting(Awaited.RETRY))
