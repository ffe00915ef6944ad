# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The proxy that the documentation puts in front of a source, with the real nginx."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import oci_notifications
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import TOPIC_ID, oci
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import listening, running

from lab.oci.traffic.tls import Bundle, create_bundle
from lab.ports import free_port

README = Path(__file__).parents[2] / "extensions" / "eda" / "README.md"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
HEADERS = {"X-OCI-NS-MessageType": "Notification", "X-OCI-NS-TopicOcid": TOPIC_ID}

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx-light")


def documented(port: int, source_port: int, certificate: Path) -> str:
    """The configuration from the documentation, with the places of this test in it."""
    text = README.read_text(encoding="utf-8").split("```nginx\n")[1].split("```")[0]
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/tidegate/tls.pem": str(certificate),
        "/etc/tidegate/tls.key": str(certificate),
        "127.0.0.1:8443": f"127.0.0.1:{source_port}",
    }
    for documented_one, own in changes.items():
        assert documented_one in text
        text = text.replace(documented_one, own)
    return text


@contextmanager
def nginx(home: Path, server: str) -> Iterator[None]:
    """Run nginx in the foreground, with nothing outside of its folder."""
    temporary = "".join(f"{kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy"))
    temporary += "".join(f"{kind}_temp_path {home}/{kind};\n" for kind in ("fastcgi", "uwsgi", "scgi"))
    configuration = home / "nginx.conf"
    configuration.write_text(
        f"daemon off;\nmaster_process off;\npid {home}/nginx.pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n",
        encoding="utf-8",
    )
    with (home / "nginx.log").open("wb") as log:
        process = subprocess.Popen([str(NGINX), "-p", str(home), "-c", str(configuration)], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return create_bundle("proxy")


@pytest.fixture
async def proxied(tmp_path: Path, bundle: Bundle) -> AsyncIterator[tuple[aiohttp.ClientSession, str, Any]]:
    certificate = tmp_path / "tls.pem"
    certificate.write_text(bundle.certificate + bundle.private_key, encoding="ascii")
    port, source_port, queue = free_port(), free_port(), asyncio.Queue[Any]()
    options = {"port": source_port, "username": "ons", "password": "right", "topics": [TOPIC_ID]}
    tls = ssl.create_default_context(cadata=bundle.ca_certificate)
    tls.check_hostname = False
    with nginx(tmp_path, documented(port, source_port, certificate)):
        async with running(oci_notifications.main, queue, options | {"behind_tls_proxy": True}):
            await listening(source_port)
            await listening(port)
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
                yield session, f"https://127.0.0.1:{port}", queue


async def post(session: aiohttp.ClientSession, url: str, given: str = "right", **more: Any) -> int:
    auth = aiohttp.encode_basic_auth("ons", given)
    headers = HEADERS | {"Authorization": auth} | more.pop("headers", {})
    async with session.post(url, headers=headers, **({"json": oci()} | more)) as answer:
        return answer.status


async def test_messages_pass_the_documented_proxy(proxied: Any) -> None:
    session, url, queue = proxied
    assert await post(session, url) == 200
    assert queue.get_nowait()["payload"] == oci()


async def test_the_documented_proxy_refuses_what_the_source_would(proxied: Any) -> None:
    session, url, queue = proxied
    assert await post(session, url, "wrong") == 401
    assert await post(session, f"{url}/other") == 404
    encoded: dict[str, Any] = {"json": None, "data": gzip.compress(b"{}"), "headers": {"Content-Encoding": "gzip"}}
    assert await post(session, url, **encoded) == 415
    assert await post(session, url, json=None, data=io.BytesIO(b" " * 2_000_000)) == 413
    assert queue.empty()


async def test_the_documented_proxy_limits_how_often_an_address_may_ask(proxied: Any) -> None:
    session, url, _queue = proxied
    answers = await asyncio.gather(*(post(session, url, "wrong") for _unused in range(300)))
    assert set(answers) == {401, 429}
