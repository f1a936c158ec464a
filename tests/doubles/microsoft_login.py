"""Microsoft's login service over HTTPS on the loopback, as far as client credentials go; with a certificate of its own."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from tests.doubles.json_server import JsonHandler, running

HOST = "127.0.0.1"


@dataclass
class MicrosoftLogin:
    """`url` is the authority, `certificate` the file to trust; `refuse` answers with an error instead of a token."""

    url: str
    certificate: Path
    refuse: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # path, form


def _certificate(folder: Path) -> Path:
    """Key and self-signed certificate of the loopback in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = folder / "login.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def microsoft_login(folder: Path) -> Iterator[MicrosoftLogin]:
    """Runs it; its certificate goes into the folder."""
    file = _certificate(folder)
    state = MicrosoftLogin("", file)

    class Handler(JsonHandler):
        def do_GET(self) -> None:
            tenant = f"{state.url}/{self.path.split('/')[1]}"
            self.say(
                200,
                {
                    "issuer": f"{tenant}/v2.0",
                    "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{tenant}/oauth2/v2.0/token",
                },
            )

        def do_POST(self) -> None:
            state.asked.append((self.path, self.form()))
            if state.refuse:
                self.say(401, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"})
            else:
                token = f"microsoft-{len(state.asked)}"
                self.say(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    server = ThreadingHTTPServer((HOST, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    state.url = f"https://{HOST}:{server.server_port}"
    with running(server):
        yield state
