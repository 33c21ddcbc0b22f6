"""Values of the model as bytes and back, exactly as they are: JSON, compressed.

The public JSON (``bot.render.report_json``) is for others to read: it words, and makes foreign text
harmless. A stored value must come back equal, so that today's rules can judge what was learnt then.
A field that is added later needs a default, and what was stored before it stays readable.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.model.exchange import Exchange
from bot.model.question import Answer
from bot.model.report import Report
from bot.plain import adapter_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["ANSWER", "EXCHANGES", "REPORT", "Codec", "adapter_of"]

_T = TypeVar("_T")


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


REPORT = Codec(adapter_of(Report))
ANSWER = Codec(adapter_of(Answer))
EXCHANGES = Codec(adapter_of(tuple[Exchange, ...]))
