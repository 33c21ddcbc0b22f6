"""A transcript as exchanges: our own, raw telnet, ``openssl s_client``, swaks.

Whoever probes by hand, from a network of their own, gets the same verdict as a live conversation.
A reply belongs to the oldest command that has none (RFC 2920); a reply to no command is a greeting
where no session is under way, and otherwise a breach that voids its session, as it is on the wire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.relay.session import sessions

_REPLY = re.compile(r"([2-5]\d\d)(?:([ -])(.*))?", re.ASCII | re.DOTALL)
_TROUBLE = re.compile(
    rf"({'|'.join(trouble.value for trouble in Trouble)})"
    rf" at ({'|'.join(stage.value for stage in Stage)})(?:: (.*))?"
)
_COMMAND = re.compile(
    r"(?:EHLO|HELO|MAIL +FROM|RCPT +TO|RSET|QUIT|STARTTLS|HELP|DATA|NOOP|VRFY|EXPN|AUTH)\b",
    re.IGNORECASE,
)
# Whose line it is, by how each tool marks it. swaks: "<-", "<**" (an error), "->", "~" under TLS.
_MARKS = (
    (re.compile(r"S: ?"), "S"),
    (re.compile(r"C: ?"), "C"),
    (re.compile(r"\*: ?"), "*"),
    (re.compile(r"<(?:-|\*\*|~|~\*) {1,2}"), "S"),
    (re.compile(r" (?:-|~)> "), "C"),
)
_ENDS = (
    (re.compile(r"connection closed|closed by (foreign|remote) host", re.IGNORECASE), "dropped"),
    (re.compile(r"connection refused", re.IGNORECASE), "refused"),
    (re.compile(r"(operation|connection) timed out", re.IGNORECASE), "timeout"),
    (re.compile(r"(no route to host|network is unreachable)", re.IGNORECASE), "unreachable"),
)
_TLS_BEGINS = re.compile(r"SSL handshake has read|=== TLS started|~~~ TLS started", re.IGNORECASE)
# What is not here (NOOP, VRFY, EXPN) proves nothing about relaying, and is left out with its reply.
# The stages that have no command of their own are none that somebody can have typed.
_WORDLESS = {Stage.CONNECT, Stage.GREETING, Stage.TLS, Stage.END_OF_DATA}
_STAGES = {s.value.upper(): s for s in Stage if s not in _WORDLESS} | {".": Stage.END_OF_DATA}


class TranscriptError(ValueError):
    """What is there cannot be judged; the message says why, for the person who pasted it."""


def parse_transcript(text: str, *, implicit_tls: bool = False) -> tuple[Exchange, ...]:
    """Return the exchanges of a transcript, in order.

    Args:
        text: the lines, each marked or recognised by what it says; others are passed over.
        implicit_tls: its sessions began with a TLS handshake (port 465), which leaves no line.

    Raises:
        TranscriptError: no SMTP session is in it, or somebody logs in.
    """
    reader = _Reader(implicit_tls=implicit_tls)
    for line in text.splitlines():
        reader.take(line.rstrip("\r\n"))
    reader.finish()
    if not reader.exchanges:
        raise TranscriptError("There is no SMTP session in this: paste lines such as `220 …`.")
    return tuple(reader.exchanges)


@dataclass(slots=True)
class _Reader:
    implicit_tls: bool
    exchanges: list[Exchange] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    in_data: bool = False
    tls: bool = False

    def take(self, line: str) -> None:
        who, text = _whose(line)
        if self.in_data and who in ("C", ""):
            if text != ".":
                return
            self.in_data = False
            who = "C"
        match who:
            case "S":
                self._reply_line(text)
            case "C":
                self._command(text)
            case "*":
                self._trouble(text)
            case _:
                self._remark(text)

    def finish(self) -> None:
        """What was asked last and never answered ended the conversation."""
        if self.waiting:
            self._add_trouble(Trouble.DROPPED, "the transcript ends here")

    def _command(self, text: str) -> None:
        if text.upper().startswith("AUTH"):
            raise TranscriptError("Somebody logs in here, so this says nothing about strangers.")
        last = self.exchanges[-1] if self.exchanges else None
        if last and last.stage is Stage.STARTTLS and last.reply and last.reply.code == 220:
            self._begin_tls()
        self.waiting.append(text)

    def _begin_tls(self) -> None:
        self.tls = True
        if not self.exchanges:
            self._add(Exchange(stage=Stage.CONNECT))
        self._add(Exchange(stage=Stage.TLS))

    def _reply_line(self, text: str) -> None:
        found = _REPLY.fullmatch(text)
        if found is None:
            return
        self.lines.append(text)
        if found[2] == "-":
            return
        reply = Reply(int(found[1]), tuple(line[4:] for line in self.lines))
        self.lines = []
        if self.waiting:
            command = self.waiting.pop(0)
            stage = _stage(command)
            if stage is not None:
                self._add(Exchange(stage=stage, command=command, reply=reply))
                self.in_data = stage is Stage.DATA and reply.code == 354
        elif self._is_between() or reply.code == 220:
            self._begin_session(implicit_tls=self.implicit_tls)
            self._add(Exchange(stage=Stage.GREETING, reply=reply))
        elif self.exchanges[-1].stage is not Stage.TLS:
            trouble = Trouble.DROPPED if reply.code == 421 else Trouble.PROTOCOL_ERROR
            self.exchanges[-1] = replace(self.exchanges[-1], trouble=trouble, detail=text)

    def _is_between(self) -> bool:
        """Whether no session is under way, so that what comes next can only be a greeting."""
        return not self.exchanges or sessions(tuple(self.exchanges))[-1].is_over

    def _begin_session(self, *, implicit_tls: bool) -> None:
        last = self.exchanges[-1] if self.exchanges else None
        if last is None or last.stage is not Stage.TLS or last.trouble is not None:
            self.tls = False
            self._add(Exchange(stage=Stage.CONNECT))
            if implicit_tls:
                self._begin_tls()

    def _trouble(self, text: str) -> None:
        found = _TROUBLE.fullmatch(text)
        if found is None:
            return
        trouble, stage, detail = Trouble(found[1]), Stage(found[2]), found[3] or ""
        ended = Exchange(stage=stage, trouble=trouble, detail=detail)
        if stage in (Stage.CONNECT, Stage.GREETING, Stage.TLS):
            if stage is Stage.GREETING or (stage is Stage.TLS and self._is_between()):
                self._begin_session(implicit_tls=False)
            self.tls = self.tls and stage is Stage.GREETING
            self._add(ended)
        elif self.waiting:
            self._add_trouble(trouble, detail, count=1)
        elif self.exchanges:
            self.exchanges[-1] = replace(self.exchanges[-1], trouble=trouble, detail=detail)

    def _add_trouble(self, trouble: Trouble, detail: str, count: int | None = None) -> None:
        asked, self.waiting = self.waiting[:count], self.waiting[len(self.waiting[:count]) :]
        for command in asked:
            if (stage := _stage(command)) is not None:
                self._add(Exchange(stage=stage, command=command, trouble=trouble, detail=detail))

    def _remark(self, text: str) -> None:
        """A line of the tool's own."""
        if _TLS_BEGINS.search(text):
            self._begin_tls()
            return
        word = next((word for pattern, word in _ENDS if pattern.search(text)), None)
        if word is None:
            return
        if self.waiting:
            self._add_trouble(Trouble(word), text)
        elif not self.exchanges:
            self._add(Exchange(stage=Stage.CONNECT, trouble=Trouble(word), detail=text))

    def _add(self, exchange: Exchange) -> None:
        self.exchanges.append(replace(exchange, tls=self.tls))


def _whose(line: str) -> tuple[str, str]:
    """Return S, C, * or nothing for a line, and the line without its mark."""
    for mark, who in _MARKS:
        if found := mark.match(line):
            return who, line[found.end() :]
    if _REPLY.fullmatch(line):
        return "S", line
    if _COMMAND.match(line.strip()):
        return "C", line.strip()
    return "", line.strip()


def _stage(command: str) -> Stage | None:
    verb = command.partition(" ")[0].partition(":")[0].upper()
    return _STAGES.get(verb)
