"""Sends real mail to the servers of the tests, as a stranger or as one who logged in."""

from __future__ import annotations

import smtplib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.mail_server import LOGIN, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.mail_server import MailServer

OUTSIDE = "someone@outside.example"
STRANGER = "stranger@probe.example"


@contextmanager
def session(server: MailServer, port: int | None = None) -> Iterator[smtplib.SMTP]:
    """Open a session at its usual port or another, behind STARTTLS where the server demands it."""
    with smtplib.SMTP(
        server.ip, port or server.port, local_hostname="probe.example", timeout=15
    ) as smtp:
        smtp.ehlo()
        if smtp.mail(STRANGER)[1].endswith(b"Must issue a STARTTLS command first"):
            smtp.starttls()
            smtp.ehlo()
        smtp.rset()
        yield smtp


def send(server: MailServer, forward_path: str, token: str, *, login: bool = False) -> None:
    """Send one message that holds ``token``, after a login where ``login`` says so.

    Raises:
        smtplib.SMTPException: the login, the recipient or the message was refused.
    """
    port = 587 if login and server.part("submission") else None
    with session(server, port) as smtp:
        if login:
            if not smtp.has_extn("auth"):
                smtp.starttls()
                smtp.ehlo()
            smtp.login(LOGIN, PASSWORD)
        smtp.sendmail(STRANGER, forward_path, f"Subject: {token}\r\n\r\n{token}\r\n")
