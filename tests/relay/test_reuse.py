"""Which answers speak for other domains, and that no verdict rests on more than it would alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.report import Attempt, EndpointReport, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import ANY_DOMAIN, CONTROL, FOREIGN, NULL, OWN_DOMAIN, Plan, Reused
from bot.relay.reuse import FRESH_S, endpoint_of, read, to_reuse
from bot.relay.verdict import judge
from tests.fuzzing import examples
from tests.transcripts.reading import VANTAGE, drive, load, names, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Server = Callable[[str], Reply | Trouble]

OTHER = plan(domain=DomainName("example.org", "example.org"))
OK = Reply(250, ("2.0.0 Ok",))
DENIED = Reply(554, ("5.7.1 Relay access denied",))
GREYLISTED = Reply(451, ("4.7.1 Greylisted, try again in 5 minutes",))
BLOCKED = Reply(554, ("5.7.1 Client host blocked using zen.spamhaus.org",))
USUAL = {
    "": Reply(220, ("mx.example.com ESMTP",)),
    "EHLO": Reply(250, ("mx.example.com",)),
    "QUIT": Reply(221),
}
RELAY_DENIED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)


class Table:
    """A server that answers by a table of the path of MAIL and the command; 250 to all else.

    ``said`` is what it was asked. A key of one word answers that command wherever it stands.
    """

    def __init__(self, replies: Mapping[str | tuple[str, str], Reply | Trouble]) -> None:
        self._replies = replies
        self._mail = ""
        self.said: list[str] = []

    def __call__(self, command: str) -> Reply | Trouble:
        """Answer a command."""
        self.said.append(command)
        verb, _, rest = command.partition(" ")
        if verb == "MAIL":
            self._mail = rest.partition("<")[2].rstrip(">")
        path = rest.partition("<")[2].rstrip(">")
        usual = USUAL.get(verb, OK)
        return self._replies.get((self._mail, path), self._replies.get(verb, usual))


OURS, OUTSIDE = VANTAGE.reverse_path, VANTAGE.forward_path
CLOSED_TO_STRANGERS: dict[str | tuple[str, str], Reply | Trouble] = {
    (OURS, OUTSIDE): DENIED,
    ("", OUTSIDE): DENIED,
    ("postmaster@example.com", OUTSIDE): DENIED,
    ("postmaster@example.org", OUTSIDE): DENIED,
}


def held(asked: Plan, server: Server) -> EndpointReport:
    """Hold a conversation with a server and judge it."""
    return judge(asked, drive(asked, server))


def reusing(asked: Plan, earlier: EndpointReport, age_s: int = 60) -> Plan:
    """Return a plan with what an earlier conversation brought for it."""
    return replace(asked, reused=Reused(to_reuse(plan(), earlier), age_s))


def outcomes(judged: EndpointReport) -> dict[str, Outcome]:
    """Return what came of each attempt."""
    return {attempt.kind: attempt.outcome for attempt in judged.attempts}


def test_only_what_names_the_domain_is_asked_again() -> None:
    """A closed server hears nothing of our external mailbox for the second domain but its own."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))
    server = Table(CLOSED_TO_STRANGERS)

    judged = held(reusing(OTHER, earlier), server)

    assert RELAY_DENIED == judged.judgement
    assert 60 == judged.age_s
    assert [CONTROL, FOREIGN, OWN_DOMAIN, NULL] == [a.kind for a in judged.attempts]
    assert ["MAIL FROM:<relaytest@probe.example.net>", "MAIL FROM:<postmaster@example.org>"] == [
        command for command in server.said if command.startswith("MAIL")
    ]


def test_any_domain_follows_a_reused_acceptance() -> None:
    """Where the foreign attempt was accepted for another domain, any_domain is due here as well."""
    earlier = held(plan(), Table({}))
    server = Table({})

    judged = held(reusing(OTHER, earlier), server)

    assert Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED) == judged.judgement
    assert 60 == judged.age_s
    assert Outcome.ACCEPTED is outcomes(judged)[ANY_DOMAIN]
    assert f"RCPT TO:<{OTHER.nonce}@{OTHER.nonce}.invalid>" in server.said


@pytest.mark.parametrize(
    "replies",
    [
        {(OURS, OUTSIDE): GREYLISTED},
        {(OURS, OUTSIDE): BLOCKED},
        {(OURS, OUTSIDE): Reply(550, ("no",)), ("", OUTSIDE): Reply(550, ("no",))},
        {**CLOSED_TO_STRANGERS, ("", OUTSIDE): GREYLISTED},
        {**CLOSED_TO_STRANGERS, ("", OUTSIDE): Trouble.DROPPED},
        {**CLOSED_TO_STRANGERS, ("postmaster@example.com", OUTSIDE): GREYLISTED},
        {"": Trouble.TIMEOUT},
        {"": BLOCKED},
        {"": Reply(220, ("mailhog ESMTP MailHog",))},
    ],
)
def test_what_is_not_reused(replies: dict[str | tuple[str, str], Reply | Trouble]) -> None:
    """Put off, blocked, refused without a why, cut off, or taken by a sink: it holds for nobody."""
    assert () == to_reuse(plan(), held(plan(), Table(replies)))


def test_relay_words_are_an_answer_at_whatever_reply_code() -> None:
    """Postfix denies with 454 where its restrictions defer: it is denied, and for everybody."""
    denied = Reply(454, ("4.7.1 Relay access denied",))
    replies = dict.fromkeys(CLOSED_TO_STRANGERS, denied)

    assert [FOREIGN, NULL] == [a.kind for a in to_reuse(plan(), held(plan(), Table(replies)))]


def test_what_was_reused_is_not_handed_on() -> None:
    """An answer does not become younger by being reused."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))
    judged = held(reusing(OTHER, earlier), Table(CLOSED_TO_STRANGERS))

    assert () == to_reuse(OTHER, judged)


def test_variants_are_asked_with_all_that_they_follow_from() -> None:
    """A conversation in every form neither reuses answers nor lends them."""
    every_form = plan(variants=True)
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))

    assert () == to_reuse(every_form, held(every_form, Table(CLOSED_TO_STRANGERS)))
    assert 0 == held(reusing(every_form, earlier), Table(CLOSED_TO_STRANGERS)).age_s


def test_an_endpoint_is_one_address_port_and_tls_mode_seen_by_one_prober() -> None:
    """Answers of another port, TLS mode, form or prober are of another endpoint."""
    others = (
        plan(ip="192.0.2.26"),
        plan(port=587),
        plan(tls=TlsMode.IMPLICIT),
        plan(variants=True),
        plan(vantage=replace(VANTAGE, ehlo="other.example.net")),
    )

    assert endpoint_of(plan()) == endpoint_of(OTHER)
    assert endpoint_of(plan()) not in {endpoint_of(other) for other in others}
    assert 15 * 60 == FRESH_S


@pytest.mark.parametrize(
    "now",
    [
        {"": BLOCKED},
        {"": Trouble.TIMEOUT},
        {"EHLO": Trouble.DROPPED},
        {"MAIL": GREYLISTED},
        {"MAIL": Reply(550, ("5.1.8 Sender address rejected",))},
        {"RCPT": BLOCKED},
        {"RCPT": GREYLISTED},
        {"RCPT": Trouble.DROPPED},
        {"RCPT": Reply(550, ("no",))},
        {("postmaster@example.org", OUTSIDE): Trouble.DROPPED, "RCPT": DENIED},
        {("postmaster@example.org", OUTSIDE): GREYLISTED, "RCPT": DENIED},
    ],
)
def test_who_treats_us_otherwise_now_is_asked_all_of_it(
    now: dict[str | tuple[str, str], Reply | Trouble],
) -> None:
    """A server that blocks us since then, or puts us off, is not called closed for what it was."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))

    judged = held(reusing(OTHER, earlier), Table(now))

    assert 0 == judged.age_s
    assert held(OTHER, Table(now)).judgement == judged.judgement


OPENED: dict[str | tuple[str, str], Reply | Trouble] = {}
TRUSTS_ITS_OWN: dict[str | tuple[str, str], Reply | Trouble] = {
    **CLOSED_TO_STRANGERS,
    ("postmaster@example.com", OUTSIDE): OK,
    (OURS, f"{OTHER.nonce}@{OTHER.nonce}.invalid"): DENIED,
}


@pytest.mark.parametrize(
    ("then", "now", "judgement"),
    [
        (OPENED, CLOSED_TO_STRANGERS, RELAY_DENIED),
        (OPENED, TRUSTS_ITS_OWN, Judgement(Verdict.LIKELY_OPEN, Reason.OWN_DOMAIN_ACCEPTED)),
        (CLOSED_TO_STRANGERS, OPENED, Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)),
    ],
)
def test_a_server_that_was_closed_or_opened_meanwhile(
    then: Mapping[str | tuple[str, str], Reply | Trouble],
    now: Mapping[str | tuple[str, str], Reply | Trouble],
    judgement: Judgement,
) -> None:
    """Whoever repairs a relay and asks again within the quarter of an hour hears how it is now."""
    earlier = held(plan(), Table(then))

    judged = held(reusing(plan(), earlier), Table(now))

    assert (0, judgement) == (judged.age_s, judged.judgement)


def test_in_tls_or_not_as_then() -> None:
    """A server that demands TLS now, and did not then, is asked all of it in TLS."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))
    demanded = [Reply(530, ("Must issue a STARTTLS command first",))]
    server = Table(CLOSED_TO_STRANGERS)

    def answer(command: str) -> Reply | Trouble:
        if command == "STARTTLS":
            return Reply(220)
        return demanded.pop() if command.startswith("MAIL") and demanded else server(command)

    judged = held(reusing(OTHER, earlier), answer)

    assert (0, TlsMode.STARTTLS) == (judged.age_s, judged.tls)
    assert RELAY_DENIED == judged.judgement


def test_cut_short_before_it_was_borne_out() -> None:
    """A conversation that ends before its own question is answered is judged by itself."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))
    asked = reusing(OTHER, earlier)
    whole = drive(asked, Table(CLOSED_TO_STRANGERS))
    before_own = next(i for i, e in enumerate(whole) if "example.org>" in (e.command or ""))
    end = Exchange(stage=Stage.RCPT, trouble=Trouble.TIMEOUT)

    judged = judge(asked, (*whole[:before_own], end))

    assert 0 == judged.age_s
    assert Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT) == judged.judgement


def test_half_of_it_or_what_is_no_answer_today_is_not_reused() -> None:
    """Both answers are reused or none, and only those that today's rules take for such."""
    foreign, null = to_reuse(plan(), held(plan(), Table(CLOSED_TO_STRANGERS)))

    def reuses(*attempts: Attempt) -> bool:
        return FOREIGN in read(replace(OTHER, reused=Reused(attempts, 9)), ()).tries

    assert reuses(foreign, null)
    assert not reuses(foreign)
    assert not reuses(replace(foreign, reply=GREYLISTED), null)
    assert not reuses(replace(foreign, reply=None), null)


def test_in_tls_a_demand_for_tls_was_one_for_authentication() -> None:
    """What was read with its session in view is not read otherwise without it."""
    demand = Reply(530, ("5.7.0 Must issue a STARTTLS command first",))
    foreign, null = to_reuse(plan(), held(plan(), Table(CLOSED_TO_STRANGERS)))
    asked = [
        replace(attempt, reply=demand, tls=True, outcome=Outcome.AUTH_REQUIRED)
        for attempt in (foreign, null)
    ]

    record = read(replace(OTHER, reused=Reused(tuple(asked), 9)), ())

    assert record.outcomes(FOREIGN) == {Outcome.AUTH_REQUIRED}


REPLIES = st.sampled_from(
    [
        OK,
        DENIED,
        GREYLISTED,
        BLOCKED,
        Reply(220),
        Reply(354),
        Reply(421),
        Reply(454, ("Relay access denied",)),
        Reply(500),
        Reply(503),
        Reply(530, ("Must issue a STARTTLS command first",)),
        Reply(530, ("5.7.0 Authentication required",)),
        Reply(550, ("no",)),
        Reply(550, ("Invalid recipient",)),
        Reply(553, ("Sender address rejected",)),
        *(t for t in Trouble if t is not Trouble.TLS_FAILED),
    ]
)
GREETINGS = st.sampled_from(
    [
        USUAL[""],
        Reply(250, ("mx.example.com",)),
        Reply(250, ("mx.example.com", "PIPELINING")),
        Reply(250, ("mx.example.com", "PIPELINING", "STARTTLS")),
        Reply(250, ("mx.example.com", "STARTTLS")),
    ]
)


def drawn(data: st.DataObject) -> Callable[[], Server]:
    """Return a maker of servers that all answer alike: each new question is drawn once."""
    known: dict[tuple[str, str], Reply | Trouble] = {}

    def draw(verb: str, name: tuple[str, str]) -> Reply | Trouble:
        if verb == "EHLO":
            return data.draw(GREETINGS, label=str(name))
        usual = USUAL.get(verb, DENIED if verb == "RCPT" else OK)
        is_odd = data.draw(st.integers(0, 9), label="odd?") == 9
        return data.draw(REPLIES, label=str(name)) if is_odd else usual

    def server() -> Server:
        mail = ""

        def answer(command: str) -> Reply | Trouble:
            nonlocal mail
            verb = command.partition(" ")[0]
            mail = command if verb == "MAIL" else mail
            name = (mail if verb == "RCPT" else "", command)
            if name not in known:
                known[name] = draw(verb, name)
            return known[name]

        return answer

    return server


@settings(max_examples=examples(100))
@given(data=st.data())
def test_a_reused_verdict_is_that_of_a_whole_conversation(data: st.DataObject) -> None:
    """Whatever a server answers, as long as it does: the verdict is as if all had been asked."""
    server = drawn(data)
    earlier = held(plan(), server())
    whole = held(OTHER, server())

    judged = held(reusing(OTHER, earlier), server())

    event(f"reused: {judged.age_s > 0}")
    assert not judged.age_s or whole.judgement == judged.judgement


@settings(max_examples=examples(100))
@given(data=st.data())
def test_whoever_answers_otherwise_by_then(data: st.DataObject) -> None:
    """What is reused rests on a server that settles our own questions now; else it is not."""
    earlier = held(plan(), Table(CLOSED_TO_STRANGERS))
    server = drawn(data)

    judged = held(reusing(OTHER, earlier), server())

    event(f"reused: {judged.age_s > 0}")
    borne_out = {Outcome.ACCEPTED, Outcome.RECIPIENT_REJECTED}
    borne_out |= {Outcome.RELAY_DENIED, Outcome.AUTH_REQUIRED}
    assert not judged.age_s or outcomes(judged)[CONTROL] in borne_out


@pytest.mark.parametrize("name", names())
def test_transcript(name: str) -> None:
    """What a recorded conversation lends are its answers to foreign and null, as they were."""
    recorded = load(name)
    judged = judge(recorded.plan, recorded.exchanges)

    lent = to_reuse(recorded.plan, judged)

    assert lent == tuple(a for a in judged.attempts if a in lent)
    assert [a.kind for a in lent] in ([], [FOREIGN, NULL])
    assert not lent or judged.judgement.verdict in (Verdict.CLOSED, Verdict.LIKELY_OPEN)  # type: ignore[union-attr] # every transcript has a verdict
