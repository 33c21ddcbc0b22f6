"""Whether replies kept step with the commands: what gives a shift away, and what does not."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage, Trouble, transcript
from bot.relay.dialogue import Connect, Send, next_step
from bot.relay.session import Session
from bot.relay.step import kept_step
from bot.relay.verdict import judge
from tests.transcripts.reading import plan


def said(stage: Stage, command: str | None, code: int, *lines: str) -> Exchange:
    """A command and its reply."""
    return Exchange(stage=stage, command=command, reply=Reply(code, lines or ("",)))


def reset(code: int, text: str = "") -> Exchange:
    """A RSET and its reply."""
    return said(Stage.RSET, "RSET", code, text)


def leave(code: int, text: str = "") -> Exchange:
    """A QUIT and its reply."""
    return said(Stage.QUIT, "QUIT", code, text)


GREETING = said(Stage.GREETING, None, 220, "mx.example.com ESMTP")
EHLO = said(Stage.EHLO, "EHLO me.example.net", 250, "mx.example.com")
MAIL = said(Stage.MAIL, "MAIL FROM:<a@me.example.net>", 250)
RCPT = said(Stage.RCPT, "RCPT TO:<b@outside.example>", 250)
TLS_FIRST = said(Stage.MAIL, "MAIL FROM:<>", 530)


def in_step(*exchanges: Exchange) -> bool:
    """Whether a session kept step that was begun as usual."""
    all_of_them = (GREETING, EHLO, *exchanges)
    return kept_step(all_of_them, Session(all_of_them).pairs)


@pytest.mark.parametrize(
    "exchange",
    [
        said(Stage.GREETING, None, 250),
        said(Stage.EHLO, "EHLO me", 220),
        said(Stage.MAIL, "MAIL FROM:<>", 354),
        said(Stage.MAIL, "MAIL FROM:<>", 221),
        said(Stage.RCPT, "RCPT TO:<x>", 220),
        reset(354),
        leave(214),
        Exchange(
            stage=Stage.EHLO, command="EHLO me", reply=Reply(250), trouble=Trouble.PROTOCOL_ERROR
        ),
        Exchange(stage=Stage.GREETING, trouble=Trouble.PROTOCOL_ERROR),
    ],
)
def test_a_reply_of_another_command(exchange: Exchange) -> None:
    """A positive reply that RFC 5321 has for another command is not the answer to this one."""
    assert not in_step(exchange)


@pytest.mark.parametrize(
    "exchange",
    [
        said(Stage.RCPT, "RCPT TO:<x>", 251),
        said(Stage.RCPT, "RCPT TO:<x>", 252),
        leave(250),
        Exchange(stage=Stage.QUIT, command="QUIT", trouble=Trouble.TIMEOUT),
        said(Stage.DATA, "DATA", 354),
        said(Stage.HELP, "HELP", 214),
        said(Stage.HELP, "HELP", 250),
        Exchange(stage=Stage.HELP, command="HELP", trouble=Trouble.PROTOCOL_ERROR),
    ],
)
def test_a_reply_of_this_command(exchange: Exchange) -> None:
    """What a server may well answer, or not answer, is no sign of a shift."""
    assert in_step(exchange)


@pytest.mark.parametrize(
    "text",
    [
        "5.7.1 Relay access denied",
        "5.7.1 command rejected: relaying denied",
        "relay command not permitted",
        "5.1.1 unknown user, command refused",
        "5.1.8 sender address rejected: command failed",
        "authentication is required for this command",
        "RCPT command refused",
        "<b@outside.example>: no such command for you",
    ],
)
@pytest.mark.parametrize("code", [421, 500, 502, 503, 550, 554])
def test_the_refusal_of_a_recipient_arrives_late(code: int, text: str) -> None:
    """RSET and QUIT are not refused for whom the mail is for, by whatever code and word."""
    assert not in_step(MAIL, RCPT, reset(code, text))
    assert not in_step(MAIL, RCPT, leave(code, text))


@pytest.mark.parametrize(
    ("code", "text"),
    [(503, "Bad sequence of commands"), (550, "command rejected"), (451, "try later"), (554, "no")],
)
def test_a_refusal_that_says_nothing_is_no_excuse(code: int, text: str) -> None:
    """RSET has nothing that could be refused in these words; a RCPT has."""
    assert not in_step(MAIL, RCPT, reset(code, text))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (421, "closing"),
        (500, "Command unrecognized"),
        (502, ""),
        (554, "Too many nonmail commands"),
    ],
)
def test_what_may_refuse_a_reset(code: int, text: str) -> None:
    """The server closes, does not know it, or has had too many commands."""
    assert in_step(MAIL, RCPT, reset(code, text))


def test_too_many_commands_are_the_last() -> None:
    """After "too many commands" Exim hangs up; where something more is answered, it was no RSET."""
    too_many = reset(554, "Too many nonmail commands")
    silent = Exchange(stage=Stage.MAIL, command=MAIL.command, trouble=Trouble.DROPPED)

    assert in_step(MAIL, RCPT, too_many, silent)
    assert in_step(MAIL, RCPT, leave(554, "too many commands"))
    assert not in_step(MAIL, RCPT, too_many, MAIL)


@pytest.mark.parametrize("code", [250, 500, 502, 550])
def test_who_knows_no_reset_knows_quit(code: int) -> None:
    """RFC 5321 §4.5.1 wants both: a QUIT that is not answered by 221 then shows the shift."""
    assert in_step(MAIL, RCPT, reset(500), leave(221))
    assert in_step(MAIL, RCPT, reset(500), leave(421, "closing"))
    assert not in_step(MAIL, RCPT, reset(500), leave(code))


def test_quit_is_known_everywhere() -> None:
    """No server can say of QUIT that it does not know it."""
    assert not in_step(MAIL, RCPT, leave(500, "Command unrecognized"))


def test_reset_may_want_tls_first() -> None:
    """Where MAIL wants TLS first, so may RSET (Postfix); where MAIL does not, RSET cannot."""
    demanded = reset(530, "Must issue a STARTTLS command first")

    assert in_step(TLS_FIRST, demanded)
    assert not in_step(MAIL, RCPT, demanded)
    assert not in_step(MAIL, RCPT, reset(530, "Authentication required"))


def test_reply_that_names_the_other_path() -> None:
    """MAIL's reply cannot know the forward-path; an accepted RCPT's names not the other alone."""
    to_mail = said(Stage.MAIL, MAIL.command, 250, "<b@outside.example> ok")
    to_rcpt = said(Stage.RCPT, RCPT.command, 250, "<a@me.example.net>... Sender ok")
    refused = said(Stage.RCPT, RCPT.command, 550, "<a@me.example.net>: Sender rejected")
    both = said(Stage.RCPT, RCPT.command, 250, "a@me.example.net to b@outside.example ok")
    unanswered = Exchange(stage=Stage.MAIL, command=MAIL.command, trouble=Trouble.TIMEOUT)
    null = said(Stage.MAIL, "MAIL FROM:<>", 250)
    silent = Exchange(stage=Stage.RCPT, command=RCPT.command, trouble=Trouble.DROPPED)

    assert not in_step(to_mail, RCPT)
    assert not in_step(MAIL, to_rcpt)
    assert in_step(MAIL, refused)
    assert in_step(MAIL, both)
    assert in_step(null, RCPT)
    assert in_step(unanswered, RCPT)
    assert in_step(MAIL, Exchange(stage=Stage.RCPT, trouble=Trouble.DROPPED))
    assert in_step(MAIL, silent)


REFUSALS = (
    *("550 5.7.1 Relay access denied", "554 5.7.1 command rejected: relaying denied", "550 no"),
    *("500 no", "502 5.5.1 relay command not permitted", "503 Bad sequence of commands"),
    *("530 5.7.0 Must issue a STARTTLS command first", "421 4.7.1 relaying denied, closing"),
    *("451 4.7.1 Relaying command denied, try later", "554 Too many nonmail commands"),
    *("513 Relaying denied.", "501 5.5.4 Syntax error in command", "500 Command unrecognized"),
)


@pytest.mark.parametrize("late", ["EHLO", "MAIL", "RSET"])
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("variants", [False, True], ids=["plain", "variants"])
def test_a_server_that_relays_for_nobody_is_never_called_open(
    late: str, refusal: str, variants: bool
) -> None:
    """Whenever one reply too many comes, and in whatever words it refuses to relay."""
    exchanges = tuple[Exchange, ...]()
    asked = plan(variants=variants)
    while (step := next_step(asked, exchanges)) is not None:
        match step:
            case Connect():
                owed: list[Reply] = []
                has_stumbled, is_closed = False, False
                exchanges += (Exchange(stage=Stage.CONNECT), GREETING)
            case Send(commands=commands):
                for command in commands:
                    verb = command.partition(" ")[0]
                    owed += [] if is_closed else [_honest(command, refusal)]
                    if verb == late and not has_stumbled:
                        owed, has_stumbled = [*owed, Reply(250, ("so be it",))], True
                    if not owed:
                        exchanges += (_unanswered(command),)
                        continue
                    reply = owed.pop(0)
                    is_closed = is_closed or any(each.code == 421 for each in (reply, *owed))
                    exchanges += (
                        Exchange(stage=Stage(verb.lower()), command=command, reply=reply),
                    )
            case _:
                raise AssertionError(step)
        assert len(exchanges) < 3000

    judgement = judge(asked, exchanges).judgement
    assert judgement is not None
    assert not judgement.verdict.is_open, transcript(exchanges)


def _honest(command: str, refusal: str) -> Reply:
    """The reply of a server that is somebody's, and relays for nobody."""
    match command.partition(" ")[0]:
        case "RCPT" if "postmaster@example.com" not in command:
            return Reply(int(refusal[:3]), (refusal[4:],))
        case "QUIT":
            return Reply(221, ("bye",))
        case "HELP":
            return Reply(214, ("no",))
        case _:
            return Reply(250, ("ok",))


def _unanswered(command: str) -> Exchange:
    stage = Stage(command.partition(" ")[0].lower())
    return Exchange(stage=stage, command=command, trouble=Trouble.DROPPED)
