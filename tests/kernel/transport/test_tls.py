import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import ConnectFailed, UpstreamClosed
from kernel.transport.origin import Origin
from kernel.transport.request import encode_head
from kernel.transport.tls import ClientTls
from tests.support.certificates import self_signed
from tests.support.listening import listening

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own authority, for the name localhost only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await reader.read()


async def ask(certificate, host, tls):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with listening(answer, tls=context) as port:
        url = f"https://{host}:{port}"
        client = TransportClient(AddressPolicy.allowing([url]), tls=tls)
        try:
            return await (await client.request("GET", url)).read()
        finally:
            await client.aclose()


async def test_an_unknown_authority_is_not_trusted(certificate):
    with pytest.raises(ConnectFailed, match="TLS"):
        await ask(certificate, "localhost", None)


async def test_a_listed_authority_is_trusted_for_the_certificates_name(certificate):
    assert await ask(certificate, "localhost", ssl.create_default_context(cafile=str(certificate))) == b"ok"


async def test_another_name_than_the_certificates_is_refused(certificate):
    with pytest.raises(ConnectFailed, match="TLS"):
        await ask(certificate, "127.0.0.1", ssl.create_default_context(cafile=str(certificate)))


class TestSettingsOfAnUpstream:
    """Its own authority, the gateway's certificate towards it, another name than the address's."""

    @pytest.fixture
    def parts(self, tmp_path):
        """The server's certificate for cmdb.internal, and the client's."""
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        certificates = [self_signed(name, key) for name, key in zip(("cmdb.internal", "gateway"), keys, strict=True)]
        privates = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in keys]
        server = tmp_path / "server.pem"
        server.write_bytes(certificates[0].encode() + privates[0])
        trusted = tmp_path / "trusted.pem"
        trusted.write_text(certificates[1])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(server)
        return context, certificates, privates

    async def ask(self, context, tls):
        names = []
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        async with listening(answer, tls=context) as port:
            origin = Origin("https", "127.0.0.1", port, tls)
            client = TransportClient(AddressPolicy.allowing([f"https://{origin.authority}"]))
            head = encode_head("GET", "/", origin.authority, [])
            try:
                return await (await client.send(origin, "GET", head, b"")).read(), names
            finally:
                await client.aclose()

    async def test_both_sides_know_each_other(self, parts):
        context, certificates, privates = parts
        tls = ClientTls(certificates[0], certificates[1], privates[1], "cmdb.internal")
        assert await self.ask(context, tls) == (b"ok", ["cmdb.internal"])

    async def test_the_clients_certificate_may_stand_with_its_key(self, parts):
        context, certificates, privates = parts
        tls = ClientTls(certificates[0], "", certificates[1].encode() + privates[1], "cmdb.internal")
        assert await self.ask(context, tls) == (b"ok", ["cmdb.internal"])

    @pytest.mark.parametrize("wrong", ["authority", "name", "certificate", "key"])
    async def test_what_does_not_fit_makes_no_connection(self, parts, wrong):
        context, certificates, privates = parts
        tls = {
            "authority": ClientTls(certificates[1], certificates[1], privates[1], "cmdb.internal"),
            "name": ClientTls(certificates[0], certificates[1], privates[1]),
            "certificate": ClientTls(certificates[0], "", b"", "cmdb.internal"),
            "key": ClientTls(certificates[0], certificates[1], privates[0], "cmdb.internal"),
        }[wrong]
        with pytest.raises((ConnectFailed, UpstreamClosed)):
            await self.ask(context, tls)
