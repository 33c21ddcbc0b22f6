"""A conversation is judged by what was heard; what was awaited when time ran out has timed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import Plan, Transaction
from bot.relay.dialogue import Connect, Send, StartTls
from bot.relay.script import HandingOver
from bot.talk import ProofTalk, Talk, awaited
from tests.probe import PLAN, VANTAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.edges import Script

CONNECT = Exchange(stage=Stage.CONNECT)
GREETING = Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx.example.com ESMTP",)))
EHLO = Exchange(
    stage=Stage.EHLO,
    command="EHLO probe.example.net",
    reply=Reply(250, ("mx.example.com", "STARTTLS")),
)
TLS_DEMANDED = Exchange(
    stage=Stage.MAIL,
    command="MAIL FROM:<probe@probe.example.net>",
    reply=Reply(530, ("5.7.0 Must issue a STARTTLS command first",)),
)
STARTTLS = Exchange(stage=Stage.STARTTLS, command="STARTTLS", reply=Reply(220, ("2.0.0 Ready",)))
STARTTLS_REFUSED = Exchange(stage=Stage.STARTTLS, command="STARTTLS", reply=Reply(454, ("No TLS",)))
CUT = Exchange(stage=Stage.GREETING, trouble=Trouble.DROPPED)


@pytest.mark.parametrize(
    ("said", "stage", "command"),
    [
        ((), Stage.CONNECT, None),
        ((CONNECT,), Stage.GREETING, None),
        ((CONNECT, Exchange(stage=Stage.TLS, tls=True)), Stage.GREETING, None),
        ((CONNECT, GREETING), Stage.EHLO, "EHLO probe.example.net"),
        (
            (CONNECT, GREETING, EHLO),
            Stage.MAIL,
            "MAIL FROM:<probe@probe.example.net>",
        ),
        ((CONNECT, GREETING, EHLO, TLS_DEMANDED), Stage.STARTTLS, "STARTTLS"),
        ((CONNECT, GREETING, EHLO, TLS_DEMANDED, STARTTLS), Stage.TLS, None),
        ((CONNECT, GREETING, EHLO, TLS_DEMANDED, STARTTLS, CONNECT), Stage.GREETING, None),
    ],
    ids=[
        "nothing yet",
        "connected",
        "encrypted from the start",
        "greeted",
        "introduced",
        "TLS demanded",
        "the server is ready for TLS",
        "a second connection",
    ],
)
def test_what_was_awaited_has_timed_out(
    said: tuple[Exchange, ...], stage: Stage, command: str | None
) -> None:
    """The end names the stage that never came, so that silence is not a failed connect."""
    endpoint = Talk(PLAN, list(said)).cut_short("the check's 180 s were over")

    end = Exchange(
        stage=stage,
        command=command,
        trouble=Trouble.TIMEOUT,
        detail="the check's 180 s were over",
    )
    assert (*said, end) == endpoint.exchanges
    assert endpoint.judgement is not None
    assert endpoint.judgement.verdict is Verdict.INCONCLUSIVE


def test_a_connection_that_ended_in_trouble_awaits_no_greeting() -> None:
    """After a drop the next thing is a connection, if anything."""
    endpoint = Talk(PLAN, [CONNECT, CUT]).cut_short("over")

    assert Stage.CONNECT is endpoint.exchanges[-1].stage


def test_a_refused_starttls_awaits_no_handshake() -> None:
    """454 to STARTTLS is an answer; TLS was not begun."""
    said = [CONNECT, GREETING, EHLO, TLS_DEMANDED, STARTTLS_REFUSED]

    assert Stage.TLS is not Talk(PLAN, said).cut_short("over").exchanges[-1].stage


async def test_each_exchange_is_told_and_all_are_judged() -> None:
    """The listener hears what the judge hears."""
    refused = Exchange(stage=Stage.CONNECT, trouble=Trouble.REFUSED)
    heard: list[Exchange] = []

    async def converse(
        plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        assert (PLAN, Connect(implicit_tls=False)) == (plan, script(()))
        on_exchange(refused)
        return (refused,)

    endpoint = await Talk(PLAN).hold(converse, heard.append)

    assert [refused] == heard
    assert (refused,) == endpoint.exchanges
    assert Judgement(Verdict.INCONCLUSIVE, Reason.UNREACHABLE) == endpoint.judgement


async def test_a_proof_is_handed_over_in_a_connection_of_its_own() -> None:
    """It is encrypted first where the attempt that it proves was."""
    steps = []

    async def converse(
        plan: Plan,
        script: Script,
        on_exchange: Callable[[Exchange], None],
    ) -> tuple[Exchange, ...]:
        steps.extend([script(()), script((CONNECT, GREETING)), script((CONNECT, GREETING, EHLO))])
        return (CONNECT,)

    foreign = Transaction(
        kind="foreign", reverse_path=VANTAGE.reverse_path, forward_path=VANTAGE.forward_path
    )
    talk = ProofTalk(PLAN, foreign, ("Subject: relaycheck", "", "."))

    assert (CONNECT,) == await talk.hold(converse, tls=True)
    connect, ehlo, starttls = steps
    assert isinstance(connect, Connect)
    assert isinstance(ehlo, Send)
    assert isinstance(starttls, StartTls)


def test_a_message_on_its_way_awaits_the_word_on_it() -> None:
    """After 354 the content is under way, and whether it was taken is what nobody heard."""
    foreign = Transaction(
        kind="foreign", reverse_path=VANTAGE.reverse_path, forward_path=VANTAGE.forward_path
    )
    script = HandingOver(PLAN, foreign, ("Subject: relaycheck", ""), tls=False)
    said: list[Exchange] = [CONNECT, GREETING]
    while isinstance(step := script(tuple(said)), Send):
        for command in step.commands:
            verb = command.partition(" ")[0].lower()
            reply = Reply(354 if verb == "data" else 250, ("Go on",))
            said.append(Exchange(stage=Stage(verb), command=command, reply=reply))

    assert (Stage.END_OF_DATA, ".") == awaited(script, said)
