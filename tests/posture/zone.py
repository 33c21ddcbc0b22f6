"""A zone as a dict, and an ``ask`` that answers from it: all that rules need of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.domain_name import DomainName
from bot.model.question import Answer, AnswerStatus, QType, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ALIASES = 8


def domain(name: str) -> DomainName:
    """Return a domain name in ASCII."""
    return DomainName(name, name)


class Zone:
    """Names to records: ``{"example.com MX": "10 mx.example", "mx.example A": "!servfail"}``.

    A value is a record, a list of them, ``!status`` for a failure, or, under ``NAME CNAME``, the
    alias's target. A name that has no record of any type does not exist. ``asked`` counts.
    """

    def __init__(self, records: Mapping[str, str | list[str]]) -> None:
        self.records = {
            key: [value] if isinstance(value, str) else value for key, value in records.items()
        }
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Answer:
        """Answer as a resolver would."""
        self.asked.append(question)
        name = question.qname
        aliases: list[str] = []
        while f"{name} CNAME" in self.records and len(aliases) < MAX_ALIASES:
            name = self.records[f"{name} CNAME"][0]
            aliases.append(name)
        records = self.records.get(f"{name} {question.qtype}")
        if records is None:
            exists = any(key.split()[0] == name for key in self.records)
            status = AnswerStatus.NODATA if exists else AnswerStatus.NXDOMAIN
            return Answer(question=question, status=status, aliases=tuple(aliases))
        if records[0].startswith("!"):
            return Answer(question=question, status=AnswerStatus(records[0][1:]))
        return Answer(
            question=question,
            status=AnswerStatus.RECORDS,
            records=tuple(records),
            aliases=tuple(aliases),
        )


def question(text: str) -> Question:
    """Return the Question that ``NAME TYPE`` spells."""
    name, qtype = text.split()
    return Question(name, QType(qtype))
