"""A DNS question and its answer: what the zone itself has said."""

from __future__ import annotations

from bot.model.question import Answer, AnswerStatus, QType, Question


def test_the_zone_alone_is_definite() -> None:
    """Records, none of the type, no such name: whatever else came is a failure to learn."""
    definite = {AnswerStatus.RECORDS, AnswerStatus.NODATA, AnswerStatus.NXDOMAIN}

    assert definite == {status for status in AnswerStatus if status.is_definite}


def test_a_question_is_known_by_what_it_asks() -> None:
    """The same name and type are one question, so an answer is found again; another type is not."""
    asked = {Question("example.com", QType.MX): "answered"}

    assert "answered" == asked[Question("example.com", QType.MX)]
    assert Question("example.com", QType.A) not in asked


def test_an_answer_begins_with_nothing() -> None:
    """What was not learnt is not made up: no records, no aliases, no lifetime."""
    answer = Answer(question=Question("", QType.MX), status=AnswerStatus.TIMEOUT)

    assert ((), (), 0, 0, "") == (
        answer.records,
        answer.aliases,
        answer.ttl_s,
        answer.took_ms,
        answer.detail,
    )
