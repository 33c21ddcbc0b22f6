"""An SMTP conversation as data: what a reply says, and how a session is written down."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage, Trouble, transcript


@pytest.mark.parametrize(
    ("line", "enhanced", "text"),
    [
        ("2.0.0 Ok", "2.0.0", "Ok"),
        ("4.7.1: try again", "4.7.1", ": try again"),
        ("5.7.1; no", "5.7.1", "; no"),
        ("5.7.1-no", "5.7.1", "-no"),
        ("5.7.1\tno", "5.7.1", "no"),
        (" 5.123.456", "5.123.456", ""),
        ("3.0.0 no class of a reply", None, "3.0.0 no class of a reply"),
        ("5.7.1no", None, "5.7.1no"),
        ("5.1234.1 too long", None, "5.1234.1 too long"),
        ("5.7.\u0661 no digit of ASCII", None, "5.7.\u0661 no digit of ASCII"),
        ("see 5.7.1", None, "see 5.7.1"),
        ("", None, ""),
    ],
)
def test_the_enhanced_status_code(line: str, enhanced: str | None, text: str) -> None:
    """It is read at the beginning of the text, complete and bounded, and nowhere else."""
    reply = Reply(550, (line,))

    assert (enhanced, text) == (reply.enhanced, reply.text)


def test_a_reply_of_several_lines_is_one_text() -> None:
    """The code of each line is left out, and so are lines that say nothing else."""
    reply = Reply(550, ("5.7.1 Relaying", "5.7.1 ", "", " 5.7.1 denied "))

    assert "Relaying denied" == reply.text


def test_the_enhanced_status_code_is_that_of_the_first_line() -> None:
    """A code that comes in a later line alone is text of it."""
    assert Reply(550, ("no", "5.7.1 no")).enhanced is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (199, (False, False, False)),
        (200, (True, False, False)),
        (299, (True, False, False)),
        (300, (False, False, False)),
        (354, (False, False, False)),
        (399, (False, False, False)),
        (400, (False, True, False)),
        (499, (False, True, False)),
        (500, (False, False, True)),
        (599, (False, False, True)),
        (600, (False, False, False)),
    ],
)
def test_the_first_digit_says_what_a_reply_is(code: int, said: tuple[bool, ...]) -> None:
    """2yz is yes, 4yz not now, 5yz no; 3yz is none of them (RFC 5321 section 4.2.1)."""
    reply = Reply(code)

    assert said == (reply.is_positive, reply.is_transient, reply.is_permanent)


@pytest.mark.parametrize(
    ("reply", "wire"),
    [
        (Reply(250, ("mx", "", "DSN")), ("250-mx", "250-", "250 DSN")),
        (Reply(221, ("bye",)), ("221 bye",)),
        (Reply(250), ("250 ",)),
    ],
)
def test_a_reply_as_it_stood_on_the_wire(reply: Reply, wire: tuple[str, ...]) -> None:
    """A hyphen follows the code on every line but the last (RFC 5321 section 4.2.1)."""
    assert wire == reply.wire()


def test_a_transcript_is_in_the_order_of_the_wire() -> None:
    """Commands, the lines of replies, and what happened instead, each marked."""
    said = (
        Exchange(stage=Stage.CONNECT),
        Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx", "ESMTP"))),
        Exchange(stage=Stage.EHLO, command="EHLO me", reply=Reply(250, ("mx",))),
        Exchange(
            stage=Stage.MAIL, command="MAIL FROM:<>", trouble=Trouble.DROPPED, detail="reset: "
        ),
        Exchange(stage=Stage.RCPT, command="RCPT TO:<a@b.example>", trouble=Trouble.TIMEOUT),
        Exchange(
            stage=Stage.QUIT,
            command="QUIT",
            reply=Reply(221, ("bye",)),
            trouble=Trouble.PROTOCOL_ERROR,
            detail="more than was asked for",
        ),
    )

    assert (
        "S: 220-mx",
        "S: 220 ESMTP",
        "C: EHLO me",
        "S: 250 mx",
        "C: MAIL FROM:<>",
        "*: dropped at mail: reset",
        "C: RCPT TO:<a@b.example>",
        "*: timeout at rcpt",
        "C: QUIT",
        "S: 221 bye",
        "*: protocol_error at quit: more than was asked for",
    ) == transcript(said)


def test_nothing_said_is_an_empty_transcript() -> None:
    """A connection that brought nothing has no lines."""
    assert () == transcript((Exchange(stage=Stage.CONNECT),))
