"""How Slack says no: an error name, and what goes with it."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A Web API call that Slack answers with ``"ok": false``.

    Args:
        error: Slack's error name, such as ``not_in_channel``.
        status: the HTTP status; Slack sends 200 with nearly all of them.
        retry_after_s: seconds for the Retry-After header, with ``ratelimited``.
        **extra: further fields of the answer (``needed``, ``response_metadata`` and so on).
    """

    def __init__(
        self,
        error: str,
        *,
        status: int = 200,
        retry_after_s: int | None = None,
        **extra: Any,  # noqa: ANN401 - fields of a JSON answer
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after_s = retry_after_s
        self.extra = extra

    @property
    def body(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {"ok": False, "error": self.error, **self.extra}

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries beside its body."""
        return {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}
