"""Every product under one name each, for tests and benches that take them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.courier import courier
from tests.servers.exim import exim
from tests.servers.exim_debian import exim_debian
from tests.servers.haraka import haraka
from tests.servers.opensmtpd import opensmtpd
from tests.servers.postfix import postfix
from tests.servers.sendmail import sendmail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.mail_server import Product


PRODUCTS: Mapping[str, Product] = {
    "postfix": postfix,
    "exim": exim,
    "exim_debian": exim_debian,
    "opensmtpd": opensmtpd,
    "sendmail": sendmail,
    "haraka": haraka,
    "courier": courier,
}
