"""https: the certificate must be for the name in the URL, and the name is what the server is told."""

from __future__ import annotations

import datetime
import ssl

import pytest

from connectors.hostile_server import HostileServer, plain, redirect
from ringfence.connectors.errors import NotAllowed, NotDone
from ringfence.connectors.web import transport
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for a.example that signs itself."""
    x509 = pytest.importorskip("cryptography.x509", reason="makes the certificate of the test")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def secure(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HostileServer(context)
    server.told = []
    context.sni_callback = lambda _socket, name, _context: server.told.append(name)
    from connectors.hostile_server import Wire

    monkeypatch.setattr(transport.httpcore2, "SyncBackend", Wire(server))
    yield server
    server.stop()


@pytest.fixture
def web(secure, names, certificate):
    return Web(WebSettings(robots=False), names, tls=ssl.create_default_context(cafile=str(certificate)))


def test_the_name_of_the_url_is_told_and_checked(web, secure):
    secure.answers["/"] = plain(b"secret page")
    assert web.fetch("https://a.example/").text == "secret page"
    assert (secure.told, secure.seen) == (["a.example"], [("a.example", "/")])
    with pytest.raises(NotDone, match="certificate"):
        web.fetch("https://b.example/")
    assert len(secure.seen) == 1


def test_a_certificate_that_nobody_vouches_for(secure, names):
    with pytest.raises(NotDone, match="certificate"):
        Web(WebSettings(robots=False), names).fetch("https://a.example/")
    assert secure.seen == []


def test_from_https_to_http_is_not_followed(web, secure):
    secure.answers["/"] = redirect("http://a.example/")
    with pytest.raises(NotAllowed, match="from https to http"):
        web.fetch("https://a.example/")
    assert len(secure.seen) == 1
