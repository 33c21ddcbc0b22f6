"""What is wrong with a certificate, said after the handshake."""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bot.model.exchange import CertificateFault
from bot.network.tls import (
    certificate_error,
    current_certificate_error,
    opportunistic_context,
    presented_chain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NAME = "mx.example.com"


def named(name: str) -> x509.Name:
    """A distinguished name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Issuer:
    """An authority of its own."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        key_id = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        self.certificate = (
            self._builder("an authority", self.key, -400, 400)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(key_id, critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def issue(self, name: str = NAME, begins: int = -10, ends: int = 10) -> x509.Certificate:
        """Issue a server's certificate, valid between days from now."""
        return self.issue_with(
            *([x509.SubjectAlternativeName([x509.DNSName(name)])] if name else ()),
            name=name or "nameless",
            begins=begins,
            ends=ends,
        )

    def issue_with(
        self, *extensions: x509.ExtensionType, name: str = NAME, begins: int = -10, ends: int = 10
    ) -> x509.Certificate:
        """Issue a server's certificate with extensions of any kind."""
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = self._builder(name, key, begins, ends)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return (
            builder.add_extension(identifier, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _builder(
        self, name: str, key: ec.EllipticCurvePrivateKey, begins: int, ends: int
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("an authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + timedelta(days=begins))
            .not_valid_after(NOW + timedelta(days=ends))
        )


ISSUER = Issuer()


def error(*chain: x509.Certificate, anchors: Sequence[x509.Certificate] | None = None) -> str:
    """What is wrong with a chain under the authority's eyes."""
    ders = [certificate.public_bytes(Encoding.DER) for certificate in chain]
    trusted = (ISSUER.certificate,) if anchors is None else anchors
    return certificate_error(ders, NAME, trusted, NOW)


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (ISSUER.issue(), ""),
        (ISSUER.issue(name="mail.example.com"), CertificateFault.OTHER_NAME),
        (ISSUER.issue(name="*.example.com"), ""),
        (ISSUER.issue(name="*.mx.example.com"), CertificateFault.OTHER_NAME),
        (Issuer().issue(name="*.example.com"), CertificateFault.UNKNOWN_AUTHORITY),
        (ISSUER.issue(name=""), CertificateFault.OTHER_NAME),
        (ISSUER.issue(ends=-1), "expired 2026-11-22"),
        (ISSUER.issue(begins=1), "not_yet_valid 2026-11-24"),
        (ISSUER.certificate, CertificateFault.SELF_SIGNED),
        (Issuer().issue(), CertificateFault.UNKNOWN_AUTHORITY),
    ],
)
def test_certificate(certificate: x509.Certificate, expected: str) -> None:
    """Each fault has its word, and a certificate that fits has none."""
    assert expected == error(certificate)


def test_no_anchors_no_opinion() -> None:
    """A machine that trusts nobody has nothing to compare with."""
    assert "" == error(ISSUER.issue(name="other.example.com"), anchors=())


@pytest.mark.parametrize("host", ["mx_1.example.com", "_mx.example.com", "mx-.example.com", ""])
def test_host_that_no_certificate_can_name(host: str) -> None:
    """A host name with an underscore, as MX records have them, cannot be compared: no opinion."""
    ders = [ISSUER.issue(name="*.example.com").public_bytes(Encoding.DER)]

    assert "" == certificate_error(ders, host, (ISSUER.certificate,), NOW)


@pytest.mark.parametrize("chain", [[], [b"not DER"]])
def test_unreadable(chain: list[bytes]) -> None:
    """What cannot be read as a certificate is said to be so."""
    assert CertificateFault.UNREADABLE == certificate_error(chain, NAME, (ISSUER.certificate,), NOW)


def alternative_names(der: str) -> bytes:
    """A certificate whose alternative names are these octets, given in hex."""
    names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex(der))
    return ISSUER.issue_with(names).public_bytes(Encoding.DER)


def patched(before: str, after: str, *extensions: x509.ExtensionType) -> bytes:
    """A certificate in which some octets, given in hex, were replaced by others."""
    der = ISSUER.issue_with(*extensions).public_bytes(Encoding.DER)
    assert bytes.fromhex(before) in der
    return der.replace(bytes.fromhex(before), bytes.fromhex(after), 1)


REPEATED = [
    x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\5\0")
    for oid in ("1.2.3.4.5", "1.2.3.4.6")
]


@pytest.mark.parametrize(
    "der",
    [
        pytest.param(patched("a003020102", "a003020105"), id="version 6"),
        pytest.param(patched("06042a030406", "06042a030405", *REPEATED), id="repeated extension"),
        pytest.param(alternative_names("3002a300"), id="x400Address"),
        pytest.param(alternative_names("3006a504a1020c00"), id="ediPartyName"),
        pytest.param(alternative_names("300501"), id="alternative names cut short"),
        pytest.param(patched("06035504030c", "060355040303"), id="name as a bit string"),
    ],
)
def test_hostile_certificate(der: bytes) -> None:
    """Whatever a server sends as its certificate is a remark, and costs no check."""
    stranger = Issuer().issue().public_bytes(Encoding.DER)

    assert CertificateFault.UNREADABLE == certificate_error([der], NAME, (ISSUER.certificate,), NOW)
    assert "" != certificate_error([stranger, der], NAME, (ISSUER.certificate,), NOW)


def test_machine_does_not_trust_a_stranger() -> None:
    """By the authorities of this machine a certificate of our own making does not fit."""
    ders = [ISSUER.issue().public_bytes(Encoding.DER)]

    assert "" != current_certificate_error(ders, NAME)


def test_presented_chain() -> None:
    """What a server presents in a handshake is kept as it was sent, its own certificate first."""
    authority = trustme.CA()
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert(NAME)
    issued.configure_cert(server_context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = opportunistic_context().wrap_bio(to_client, to_server, server_hostname=NAME)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()

    leaf = x509.load_der_x509_certificate(presented_chain(client)[0])

    alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [NAME] == alternative.value.get_values_for_type(x509.DNSName)


def test_context_is_opportunistic() -> None:
    """One context for all: it verifies nothing, so that no handshake fails for a certificate."""
    context = opportunistic_context()

    assert context is opportunistic_context()
    assert ssl.CERT_NONE is context.verify_mode
    assert not context.check_hostname
