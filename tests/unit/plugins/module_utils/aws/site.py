# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Sites on loopback with answers set by a test, with or without TLS."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Handle = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Records requests, and sends the answers that the test has set."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        self.server.handle_get(self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer with a status and a body."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Send no answer."""


class Server(http.server.ThreadingHTTPServer):
    """A site on loopback.

    :ivar asked: path and Host header of each request.
    :ivar names: the server name of each TLS handshake.
    """

    def __init__(self, handle_get: Handle) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.handle_get = handle_get
        self.asked: list[tuple[str, str]] = []
        self.names: list[str | None] = []


@contextmanager
def site(handle_get: Handle, certificate: Path | None = None) -> Iterator[Server]:
    """A site, with TLS if there is a certificate."""
    with Server(handle_get) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.set_servername_callback(lambda _sock, name, _context: server.names.append(name))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


def write_certificate(folder: Path) -> Path:
    """A file with a certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody.example.net")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
