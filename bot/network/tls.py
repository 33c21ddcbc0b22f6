"""TLS between mail servers: opportunistic, its certificate a remark and never an obstacle.

SMTP encrypts opportunistically (RFC 7435, RFC 3207 §4.1): a self-signed certificate must not end a
handshake. So the handshake verifies nothing, and the chain is verified afterwards, offline
(RFC 5280, names by RFC 9525).
"""

from __future__ import annotations

import ssl
import threading
import warnings
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from bot.model.exchange import CertificateFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509.verification import ServerVerifier


_LOADING = threading.Lock()


@lru_cache(maxsize=1)
def opportunistic_context() -> ssl.SSLContext:
    """Return the one context of all handshakes: it verifies nothing and takes old TLS, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def certificate_error(
    chain: Sequence[bytes], host: str, anchors: Sequence[x509.Certificate], now: datetime
) -> str:
    """Say why a chain (DER, the server's own first) does not fit a host name.

    Returns a word of CertificateFault, with the date after a blank where there is one (``expired
    2026-01-02``); the empty string where it fits, or where there is nothing to compare: no anchors,
    or a host name that is none by RFC 5890 §2.3.1, as those of MX records with an underscore.
    """
    if not anchors:
        return ""
    policy = PolicyBuilder().store(Store(list(anchors))).time(now)
    try:
        verifier = policy.build_server_verifier(x509.DNSName(host))
    except ValueError:
        return ""
    try:
        return _verify(verifier, chain, host, now)
    except Exception:  # noqa: BLE001 - a stranger's octets: no base class for what they can raise
        return CertificateFault.UNREADABLE


def _verify(verifier: ServerVerifier, chain: Sequence[bytes], host: str, now: datetime) -> str:
    """Parsing is lazy in cryptography: any step here may find that a certificate is none.

    It raises ValueError, TypeError and exceptions of its own (a version that is none, an extension
    that comes twice, a kind of name that it does not know), which have Exception alone in common.
    """
    leaf, *others = (x509.load_der_x509_certificate(der) for der in chain)
    try:
        verifier.verify(leaf, others)
    except VerificationError:
        return _why_invalid(leaf, host, now)
    return ""


def _why_invalid(leaf: x509.Certificate, host: str, now: datetime) -> str:
    """The verifier's own words are for programmers; these tell apart what is mended differently."""
    if now > leaf.not_valid_after_utc:
        return f"{CertificateFault.EXPIRED} {leaf.not_valid_after_utc:%Y-%m-%d}"
    if now < leaf.not_valid_before_utc:
        return f"{CertificateFault.NOT_YET_VALID} {leaf.not_valid_before_utc:%Y-%m-%d}"
    if leaf.issuer == leaf.subject:
        return CertificateFault.SELF_SIGNED
    if not any(_covers(name, host) for name in _names(leaf)):
        return CertificateFault.OTHER_NAME
    return CertificateFault.UNKNOWN_AUTHORITY


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return found.value.get_values_for_type(x509.DNSName)


def _covers(name: str, host: str) -> bool:
    """RFC 9525 §6.3: a wildcard stands for the whole of the leftmost label."""
    name, host = name.lower(), host.lower()
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


def current_certificate_error(chain: Sequence[bytes], host: str) -> str:
    """Say why a chain does not fit a host name now, by the authorities that this machine trusts."""
    now = datetime.now(UTC)  # noqa: TID251 - an edge reads the clock
    with _LOADING:  # once: two threads would undo each other's filter of warnings
        anchors = _system_anchors()
    return certificate_error(chain, host, anchors, now)


class _Der(Protocol):
    def public_bytes(self, encoding: int) -> bytes: ...


class _SslObject(Protocol):
    def get_unverified_chain(self) -> Sequence[_Der] | None: ...


def presented_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates that the server sent, as DER, its own first.

    Public from Python 3.13 on; before, the chain is to be had from the inner object alone.
    """
    inner = cast("_SslObject", tls._sslobj)  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return tuple(der.public_bytes(_DER) for der in inner.get_unverified_chain() or ())


_DER = 2  # _ssl.ENCODING_DER


@lru_cache(maxsize=1)
def _system_anchors() -> tuple[x509.Certificate, ...]:
    """Return the authorities that this machine trusts, as OpenSSL finds them."""
    with warnings.catch_warnings():
        # Old roots with odd serial numbers are somebody else's to mend.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        ders = ssl.create_default_context().get_ca_certs(binary_form=True)
        return tuple(x509.load_der_x509_certificate(der) for der in ders)
