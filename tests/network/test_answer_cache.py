"""The cache: what is asked again, and when."""

from __future__ import annotations

import asyncio

import pytest

from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.network.answer_cache import AnswerCache

QUESTIONS = [Question(f"{name}.example", QType.A) for name in "abc"]


class Asked:
    """A resolver that counts, and a clock that is set by hand."""

    def __init__(self, status: str = "records", ttl_s: int = 300) -> None:
        self.now = 0.0
        self.questions: list[Question] = []
        self.status = AnswerStatus(status)
        self.ttl_s = ttl_s
        self.cache = AnswerCache(self.ask, lambda: self.now, size=2)

    async def ask(self, question: Question) -> Answer:
        """Answer after a turn of the loop."""
        self.questions.append(question)
        await asyncio.sleep(0)
        return Answer(question=question, status=self.status, ttl_s=self.ttl_s)


@pytest.mark.parametrize(
    ("status", "ttl_s", "holds"),
    [
        ("records", 300, 300),
        ("nxdomain", 900, 900),
        ("nodata", 5, 5),
        ("records", 10**9, 86_400),
        ("timeout", 0, 60),
        ("servfail", 0, 60),
        ("refused", 0, 60),
    ],
)
async def test_an_answer_is_kept_for_its_ttl(status: str, ttl_s: int, holds: int) -> None:
    """Nobody is asked again before the TTL is over; a failure is kept for a minute."""
    asked = Asked(status, ttl_s)
    first = await asked.cache.ask(QUESTIONS[0])
    asked.now = holds - 1
    second = await asked.cache.ask(QUESTIONS[0])
    asked.now = holds
    await asked.cache.ask(QUESTIONS[0])

    assert first is second
    assert 2 == len(asked.questions)


async def test_many_at_once_ask_once() -> None:
    """However many want to know at the same time, one question goes out."""
    asked = Asked(ttl_s=0)

    answers = await asyncio.gather(*(asked.cache.ask(QUESTIONS[0]) for _ in range(5)))

    assert 1 == len(asked.questions)
    assert 1 == len({id(answer) for answer in answers})


async def test_who_stops_waiting_does_not_stop_the_others() -> None:
    """A question goes on when one of those who wait is cancelled."""
    asked = Asked()
    first = asyncio.create_task(asked.cache.ask(QUESTIONS[0]))
    second = asyncio.create_task(asked.cache.ask(QUESTIONS[0]))
    await asyncio.sleep(0)
    first.cancel()

    assert QUESTIONS[0] == (await second).question
    assert first.cancelled()


async def test_the_oldest_go() -> None:
    """No more answers are kept than the size allows."""
    asked = Asked()
    for question in (*QUESTIONS, QUESTIONS[2], QUESTIONS[0]):
        await asked.cache.ask(question)

    assert [*QUESTIONS, QUESTIONS[0]] == asked.questions
