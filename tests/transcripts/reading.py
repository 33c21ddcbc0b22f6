"""Reads tests/transcripts/*.txt: each is a server to talk to, and what is expected of us.

A file opens with what it is about, and then names what is expected::

    # verdict: closed relay_denied
    # attempts: control=accepted foreign=relay_denied ...     (of the variants, those accepted)
    # mta: Postfix by banner                    (absent: not recognised)
    # port: 465, tls: implicit, mx_host: ...    (fields of the Plan that are not the usual)

After that come the lines of the sessions, as ``bot.relay.transcript`` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.report import Vantage
from bot.relay.attempts import Plan
from bot.relay.dialogue import Connect, Send, SendMessage, StartTls, next_step
from bot.relay.transcript import parse_transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.relay.dialogue import Step

FOLDER = Path(__file__).parent
VANTAGE = Vantage(
    name="test",
    ehlo="probe.example.net",
    reverse_path="relaytest@probe.example.net",
    forward_path="canary@outside.example",
)


def plan(**fields: Any) -> Plan:  # noqa: ANN401 - any field of a Plan
    """Return the plan that the transcripts were taken with, some fields changed."""
    usual: dict[str, Any] = {
        "vantage": VANTAGE,
        "domain": DomainName("example.com", "example.com"),
        "mx_host": "mx.example.com",
        "ip": "192.0.2.25",
        "nonce": "n7f3a9c1",
    }
    return Plan(**usual | fields)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One file: its sessions, and what they are to prove."""

    name: str
    plan: Plan
    exchanges: tuple[Exchange, ...]
    verdict: str
    attempts: dict[str, str]
    mta: str


def load(name: str) -> Recorded:
    """Read one file by its name without the suffix."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    heads = [line.removeprefix("# ").partition(": ") for line in lines if line.startswith("#")]
    head = {key: value for key, found, value in heads if found}
    fields: dict[str, Any] = {key: head[key] for key in ("mx_host",) if key in head}
    if "port" in head:
        fields["port"] = int(head["port"])
    if "tls" in head:
        fields["tls"] = TlsMode(head["tls"])
    if "variants" in head:
        fields["variants"] = True
    said = "\n".join(line for line in lines if not line.startswith("#"))
    return Recorded(
        name=name,
        plan=plan(**fields),
        exchanges=parse_transcript(said, implicit_tls=head.get("tls") == "implicit"),
        verdict=head["verdict"],
        attempts=dict(pair.split("=") for pair in head["attempts"].split()),
        mta=head.get("mta", ""),
    )


def names() -> list[str]:
    """Return the names of all files."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def replay(
    script: Callable[[tuple[Exchange, ...]], Step | None], exchanges: tuple[Exchange, ...]
) -> list[Step]:
    """Drive a script with recorded replies, holding each step against what was recorded.

    Raises:
        AssertionError: the script does something else than what was recorded.
    """
    steps: list[Step] = []
    done = 0
    while (step := script(exchanges[:done])) is not None:
        steps.append(step)
        taken = _taken(step, exchanges[done:])
        assert taken, f"after {exchanges[done - 1 : done]} came {step}, against the transcript"
        done += taken
    assert done == len(exchanges), f"never came to {exchanges[done]}"
    return steps


def _taken(step: Step, ahead: tuple[Exchange, ...]) -> int:
    """Return how many of the exchanges ahead are what a step brought; 0 where it cannot be."""
    match step:
        case Connect():
            return 0 if not ahead or ahead[0].stage is not Stage.CONNECT else _run(ahead)
        case StartTls():
            shaken = len(ahead) > 1 and ahead[1].stage is Stage.TLS
            return (1 + shaken) if ahead and ahead[0].command == "STARTTLS" else 0
        case Send(commands=commands):
            recorded = tuple(exchange.command for exchange in ahead[: len(commands)])
            unsent = ahead and ahead[0].trouble is not None and recorded[:1] == commands[:1]
            return len(commands) if recorded == commands else int(bool(unsent))
        case SendMessage():
            return 1 if ahead and ahead[0].stage is Stage.END_OF_DATA else 0


def _run(ahead: tuple[Exchange, ...]) -> int:
    """CONNECT, perhaps TLS, and the greeting, as far as they came."""
    stages = (Stage.CONNECT, Stage.TLS, Stage.GREETING)
    count = 1
    while count < len(ahead) and ahead[count].stage in stages[1:] and ahead[count].command is None:
        count += 1
    return count


def drive(plan_: Plan, answer: Callable[[str], Reply | Trouble]) -> tuple[Exchange, ...]:
    """Hold a conversation with a server that is a function from command to reply or trouble.

    It is asked with an empty command for the greeting, and with "TLS" for a handshake.
    """
    done: list[Exchange] = []
    while (step := next_step(plan_, tuple(done))) is not None:
        match step:
            case Connect(implicit_tls=implicit_tls):
                done.append(Exchange(stage=Stage.CONNECT))
                if implicit_tls and not _shake_hands(done, answer):
                    continue
                done.append(_answered(Stage.GREETING, None, answer(""), tls=implicit_tls))
            case StartTls():
                done.append(_answered(Stage.STARTTLS, "STARTTLS", answer("STARTTLS"), tls=False))
                if done[-1].trouble is None and done[-1].reply == Reply(220):
                    _shake_hands(done, answer)
            case Send(commands=commands):
                tls, end = done[-1].tls, None
                for command in commands:
                    stage = Stage(command.partition(" ")[0].lower())
                    got = end or answer(command)
                    end = got if isinstance(got, Trouble) else None
                    done.append(_answered(stage, command, got, tls=tls))
    return tuple(done)


def _shake_hands(done: list[Exchange], answer: Callable[[str], Reply | Trouble]) -> bool:
    failed = isinstance(answer("TLS"), Trouble)
    done.append(
        Exchange(stage=Stage.TLS, trouble=Trouble.TLS_FAILED if failed else None, tls=not failed)
    )
    return not failed


def _answered(stage: Stage, command: str | None, got: Reply | Trouble, *, tls: bool) -> Exchange:
    reply, trouble = (got, None) if isinstance(got, Reply) else (None, got)
    return Exchange(stage=stage, command=command, reply=reply, trouble=trouble, tls=tls)
