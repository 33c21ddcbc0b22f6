"""What is said next, held against every transcript and at its corners."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.model.exchange import Exchange, Reply, Stage, TlsMode
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.dialogue import MAX_CONNECTIONS, MAX_REFUSALS, Connect, Send, StartTls, next_step
from bot.relay.session import sessions
from bot.relay.verdict import judge
from tests.transcripts.reading import VANTAGE, drive, load, names, plan, replay

if TYPE_CHECKING:
    from collections.abc import Callable

OUR_MAIL = "MAIL FROM:<relaytest@probe.example.net>"
CONNECTED = (
    Exchange(stage=Stage.CONNECT),
    Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx.example.com ESMTP",))),
)


def hello(*keywords: str) -> Exchange:
    """An EHLO that was answered."""
    reply = Reply(250, ("mx.example.com", *keywords))
    return Exchange(stage=Stage.EHLO, command="EHLO probe.example.net", reply=reply)


@pytest.mark.parametrize("name", names())
def test_transcript(name: str) -> None:
    """Every command of every transcript is what the decider says, and nothing more."""
    recorded = load(name)

    replay(partial(next_step, recorded.plan), recorded.exchanges)


def test_begins_by_connecting() -> None:
    """A conversation begins with a connection, encrypted at once where the port is so."""
    assert Connect(implicit_tls=False) == next_step(plan(), ())
    assert Connect(implicit_tls=True) == next_step(plan(tls=TlsMode.IMPLICIT), ())


def test_one_command_at_a_time() -> None:
    """Without PIPELINING a command waits for the reply to the one before."""
    steps = replay(partial(next_step, plan()), load("helo-only").exchanges)

    assert all(len(step.commands) == 1 for step in steps if isinstance(step, Send))


def test_batch_where_pipelining_is_offered() -> None:
    """With PIPELINING and no STARTTLS all four attempts go out in one batch (RFC 2920)."""
    step = next_step(plan(), (*CONNECTED, hello("PIPELINING")))

    assert isinstance(step, Send)
    assert ("MAIL", "RCPT", "RSET") * 3 + ("MAIL", "RCPT") == tuple(
        command.partition(" ")[0] for command in step.commands
    )


def test_one_attempt_ahead_where_tls_may_be_demanded() -> None:
    """Where STARTTLS is offered one attempt goes ahead of the batch: TLS may be demanded."""
    step = next_step(plan(), (*CONNECTED, hello("PIPELINING", "STARTTLS")))

    assert Send((OUR_MAIL, "RCPT TO:<postmaster@example.com>")) == step


def test_no_starttls_unless_demanded() -> None:
    """STARTTLS is said only after a reply that demands it."""
    quiet = replay(partial(next_step, plan()), load("postfix-closed").exchanges)
    demanded = replay(partial(next_step, plan()), load("postfix-tls-demanded-open").exchanges)

    assert StartTls() not in quiet
    assert 1 == demanded.count(StartTls())


def test_leaves_before_the_tenth_refusal() -> None:
    """A session ends before its tenth refusal, and the rest is asked in a new one."""
    refused = tuple(
        Exchange(stage=Stage.HELP, command="HELP", reply=Reply(502)) for _ in range(MAX_REFUSALS)
    )

    assert Send(("QUIT",)) == next_step(plan(), (*CONNECTED, hello(), *refused))
    assert Send((OUR_MAIL,)) == next_step(plan(), (*CONNECTED, hello(), *refused[1:]))


def test_so_many_connections_and_no_more() -> None:
    """A server that hangs up at every turn is left in peace after so many connections."""
    hung_up = (*CONNECTED, hello(), *load("hangs-up-after-denial").exchanges[3:9])
    exchanges = hung_up * MAX_CONNECTIONS

    assert next_step(plan(), exchanges[: -len(hung_up)]) is not None
    assert next_step(plan(), exchanges) is None


def greets_as(*server_names: str) -> Callable[[str], Reply]:
    """A server with the percent hack, which greets by these names in turn, the last for ever."""
    greetings = list(server_names)

    def answer(command: str) -> Reply:
        match command.partition(" ")[0]:
            case "":
                name = greetings.pop(0) if len(greetings) > 1 else greetings[0]
                return Reply(220, (f"{name} ESMTP",))
            case "RCPT" if "canary@outside.example" in command:
                return Reply(550, ("Relaying denied",))
            case "QUIT":
                return Reply(221)
            case _:
                return Reply(250, ("Ok",))

    return answer


@pytest.mark.parametrize(
    ("ehlo", "server_names"),
    [
        ("probe.example.net", ("probe.example.net",)),
        ("Probe.Example.NET", ("probe.example.net",)),
        ("probe.example.net", ("Probe.Example.NET",)),
        ("probe.example.net", ("mail7.example.com", "probe.example.net")),
        ("probe.example.net", ("probe.example.net", "mail7.example.com")),
        ("MX.example.com", ("ready",)),
        ("Probe.Example.NET", ("mail7.example.com",)),
    ],
)
def test_a_server_by_our_own_name(ehlo: str, server_names: tuple[str, ...]) -> None:
    """Where the server's name is ours, saying it is no form of its own and stops no other form."""
    asking = plan(variants=True, vantage=replace(VANTAGE, ehlo=ehlo))

    said = drive(asking, greets_as(*server_names))

    made = Counter(
        (pair.mail.command, pair.rcpt and pair.rcpt.command, session.introduction)
        for session in sessions(said)
        for pair in session.pairs
    )
    assert 2 >= max(made.values())
    percent = "RCPT TO:<canary%outside.example@example.com>"
    assert percent in {command for _, command, _ in made}
    possible_bypass = Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS)
    assert possible_bypass == judge(asking, said).judgement
