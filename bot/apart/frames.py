"""What parent and child say to each other: one line for each frame, a kind, a call, and a value.

The values are those of the model and of ``bot.relay``, as JSON. Both sides are of one version:
the child is started from the same files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.model.exchange import Exchange
from bot.model.question import Answer, Question
from bot.plain import adapter_of
from bot.relay.attempts import Opening, Plan, Reused, Transaction
from bot.relay.script import HandingOver, Questions

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# A line is at most an answer of 256 records: what is longer comes from no child of ours.
MAX_LINE = 4 * 1024 * 1024


class Kind(StrEnum):
    """What a frame says: the first five are the parent's, the others the child's."""

    OPEN = "open"
    ASK = "ask"
    CONVERSE = "converse"
    CANCEL = "cancel"
    PING = "ping"
    ANSWER = "answer"
    EXCHANGE = "exchange"
    END = "end"
    FAULT = "fault"
    PONG = "pong"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the child is told at its start: the resolver's setting, and how much to log."""

    resolver: str
    log_level: int


@dataclass(frozen=True, slots=True)
class Look:
    """A question, and the check that it is for."""

    question: Question
    check: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation to be held, and the check that it is for."""

    script: Questions | HandingOver
    check: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No more to say than the kind does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of ours in the child; its log has more."""

    why: str


Value: TypeAlias = Opened | Look | Talk | Nothing | Answer | Exchange | Fault

_RELAY = (Plan, Transaction, Opening, Reused, Questions, HandingOver)
_NOTHING = adapter_of(Nothing)
_ADAPTERS: dict[Kind, TypeAdapter[Any]] = {
    Kind.OPEN: adapter_of(Opened),
    Kind.ASK: adapter_of(Look),
    Kind.CONVERSE: adapter_of(Talk, *_RELAY),
    Kind.CANCEL: _NOTHING,
    Kind.PING: _NOTHING,
    Kind.ANSWER: adapter_of(Answer),
    Kind.EXCHANGE: adapter_of(Exchange),
    Kind.END: _NOTHING,
    Kind.FAULT: adapter_of(Fault),
    Kind.PONG: _NOTHING,
}


def encode(kind: Kind, call: int, value: Value | None = None) -> bytes:
    """Return a frame as a line; half a character (a lone surrogate) becomes ``?``."""
    plain = _ADAPTERS[kind].dump_python(value or Nothing(), mode="json")
    text = json.dumps(plain, ensure_ascii=False)
    return f"{kind} {call} {text}\n".encode("utf-8", "replace")


def decode(line: bytes) -> tuple[Kind, int, Value]:
    """Return what a line says.

    Raises:
        ValueError: It is no frame.
    """
    kind, call, text = line.split(b" ", 2)
    known = Kind(kind.decode("ascii"))
    value: Value = _ADAPTERS[known].validate_json(text)
    return known, int(call), value
