"""Tests of packing values of the model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.exchange import Exchange, Reply, Stage
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.store.codec import ANSWER, EXCHANGES, REPORT
from tests.render.samples import REPORTS, hostile, three_hosts


@pytest.mark.parametrize("sample", sorted(set(REPORTS) - {"hostile"}))
def test_a_report_comes_back_equal(sample: str) -> None:
    """Whatever a report holds, it comes back as it was."""
    report = REPORTS[sample]()

    assert report == REPORT.unpack(REPORT.pack(report))


def test_hostile_text_comes_back_but_for_halves_of_characters() -> None:
    """Controls and markup are kept; what is no Unicode at all becomes a question mark."""
    said = (Exchange(stage=Stage.GREETING, reply=Reply(220, ("<!channel>\x00\udce9",))),)

    (back,) = EXCHANGES.unpack(EXCHANGES.pack(said))
    assert back.reply == Reply(220, ("<!channel>\x00?",))
    assert REPORT.unpack(REPORT.pack(hostile())).mx


def test_a_packed_report_is_small() -> None:
    """Transcripts compress well: a report of three hosts takes a few kilobytes."""
    assert len(REPORT.pack(three_hosts())) < 8_000


def test_answers_and_exchanges_come_back_equal() -> None:
    """The facts of a check are packed alone as well."""
    answer = Answer(
        question=Question("example.com", QType.MX),
        status=AnswerStatus.RECORDS,
        records=("10 mx.example.com",),
    )
    said = (
        Exchange(stage=Stage.CONNECT),
        Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx ESMTP <\x00>",)), took_ms=3),
    )

    assert answer == ANSWER.unpack(ANSWER.pack(answer))
    assert said == EXCHANGES.unpack(EXCHANGES.pack(said))


@pytest.mark.parametrize("packed", [b"", b"no zlib", ANSWER.pack(None)[:-1]])  # type: ignore[arg-type]
def test_what_cannot_be_read_is_a_value_error(packed: bytes) -> None:
    """Bytes of another version are one kind of error, for whoever can go on without."""
    with pytest.raises(ValueError, match=r"packed|valid"):
        EXCHANGES.unpack(packed)


def test_a_field_that_is_not_there_yet_takes_its_default() -> None:
    """What was stored before a field existed stays readable."""
    report = replace(three_hosts(), error_id="")
    old = REPORT._adapter.dump_python(report, mode="json")
    del old["error_id"]

    assert report == REPORT._adapter.validate_python(old)
