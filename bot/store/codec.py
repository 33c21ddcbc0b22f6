"""Values of the model as bytes and back, exactly as they are: JSON, compressed.

The public JSON (``bot.render.report_json``) is for others to read: it words, and makes foreign text
harmless. A stored value must come back equal, so that today's rules can judge what was learnt then.
pydantic derives both ways from the dataclasses; a field that is added later needs a default, and
what was stored before it stays readable.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.finding import Finding
from bot.model.question import Answer
from bot.model.report import MailService, Report, Timing
from bot.model.verdict import Judgement

_T = TypeVar("_T")

# The annotations of the model name types that its modules import for type checkers alone. pydantic
# looks names up where ``rebuild`` is called: here, where all of them are imported.
NAMED_IN_THE_MODEL = (
    *(Answer, DomainName, Exchange, Finding, Judgement, MailService, Mapping),
    *(Reply, Stage, Timing, TlsMode, Trouble, datetime),
)


class Codec(Generic[_T]):
    """Packs values of one type."""

    def __init__(self, adapter: TypeAdapter[_T]) -> None:
        self._adapter = adapter

    def pack(self, value: _T) -> bytes:
        """Return a value as compressed JSON; half a character (a lone surrogate) becomes ``?``."""
        plain = self._adapter.dump_python(value)
        text = json.dumps(plain, default=datetime.isoformat, ensure_ascii=False)
        return zlib.compress(text.encode("utf-8", "replace"))

    def unpack(self, packed: bytes) -> _T:
        """Return the value that was packed.

        Raises:
            ValueError: It was written by another version, and cannot be read by this one.
        """
        try:
            return self._adapter.validate_json(zlib.decompress(packed))
        except zlib.error as error:
            raise ValueError(f"not packed by this codec: {error}") from None


_REPORT = TypeAdapter(Report)
_ANSWER = TypeAdapter(Answer)
_EXCHANGES = TypeAdapter(tuple[Exchange, ...])
_REPORT.rebuild()
_ANSWER.rebuild()
_EXCHANGES.rebuild()

REPORT = Codec(_REPORT)
ANSWER = Codec(_ANSWER)
EXCHANGES = Codec(_EXCHANGES)
