# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Receive messages of OCI Notifications over HTTPS."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
import ssl
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from re import Pattern

DOCUMENTATION = r"""
---
module: oci_notifications
short_description: Receive messages of OCI Notifications over HTTPS
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - The endpoint of a subscription with the protocol C(CUSTOM_HTTPS) of OCI's Notifications service. It confirms the
    subscription by itself, and passes each message on as C(payload), for the filter C(tidegate.failover.alarm).
  - Only messages with the right user and password (HTTP Basic authentication, the only kind that the service knows), of
    one of O(topics), are taken. Signatures are not verified, because Oracle does not document what is signed.
  - The service delivers at least once, and again for two hours until it is answered with success. This source answers
    so once the engine has the message. With O(feedback), that is once it is stored durably. Without, a message is lost
    if the process dies between taking it and acting on it.
  - A message that is no JSON object, such as plain text that somebody publishes in the console, is no alarm. It is
    accepted, logged, and not passed on.
  - The service needs an address on the public internet with a certificate of a public authority.
options:
  host:
    description:
      - The address to listen on. The default is for this machine alone; V(0.0.0.0) is for all.
    type: str
    default: 127.0.0.1
  port:
    description:
      - The TCP port to listen on.
    type: int
    required: true
  path:
    description:
      - The path of the endpoint. Others are answered with 404.
    type: str
    default: /
  certfile:
    description:
      - File with the certificate and those between it and its authority, in PEM format.
      - Needed unless O(host) is a loopback address, or O(behind_tls_proxy) is set.
    type: path
  keyfile:
    description:
      - File with the private key of the certificate, if it is not in O(certfile).
    type: path
  behind_tls_proxy:
    description:
      - A proxy in front of this source ends TLS, so that it may listen without on an address that others reach.
    type: bool
    default: false
  username:
    description:
      - The user in the address of the subscription, as in C(https://USER:PASSWORD@alarms.example.com/).
    type: str
    required: true
  password:
    description:
      - The password in the address of the subscription. Either this, from a variable, or O(password_file).
    type: str
  password_file:
    description:
      - File that holds the password.
    type: path
  topics:
    description:
      - The OCIDs of the topics whose messages are taken. Others are answered with 403.
    type: list
    elements: str
    required: true
  oracle_hosts:
    description:
      - A regular expression for the hosts that a subscription may be confirmed at, and that a message may name for its
        certificate. Only https addresses are considered. A port other than 443 belongs to the host, as in
        V(localhost:8443).
    type: str
    default: ([a-z0-9-]+\.)+(oraclecloud\.com|oraclegovcloud\.com|oraclecloud\.eu)
  ca_file:
    description:
      - File with the authorities to trust when a subscription is confirmed, where those of the system do not do.
    type: path
  accept_timeout:
    description:
      - Seconds that the engine may take to accept a message. After that the answer is 503, and the service sends the
        message again.
    type: float
    default: 10
  feedback:
    description:
      - Wait until the engine has stored a message before it counts as delivered. Needs a C(name) for the source and
        persistence (C(--persistence-id)).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: alarms
  tidegate.failover.oci_notifications:
    host: 0.0.0.0
    port: 8443
    certfile: /etc/tidegate/tls.pem
    keyfile: /etc/tidegate/tls.key
    username: ons
    password: "{{ oci_notifications_password }}"
    topics: [ocid1.onstopic.oc1.iad.aaaaexample]
    feedback: true
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)

# Messages of the service have at most 64 KB.
MOST_BYTES = 128 * 1024
OPTIONS = {"username", "password", "password_file", "topics", "oracle_hosts", "ca_file", "accept_timeout"}
ORACLE_HOSTS = r"([a-z0-9-]+\.)+(oraclecloud\.com|oraclegovcloud\.com|oraclecloud\.eu)"

# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----


Option = TypeVar("Option")
# What the engine itself puts beside the options of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse options that do not exist, since a misspelled one would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return an option that must be there. Its value may be a secret, so messages do not show it."""
    value = args.get(name)
    if not isinstance(value, kind) or not value:
        message = f"The option {name} must be a {kind.__name__} and not empty; it is a {type(value).__name__}."
        raise ValueError(message)
    return value


def _number(args: dict[str, Any], name: str, default: float, *, least: float) -> float:
    """Return a number."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        message = f"The option {name} is {value!r}. It must be a number from {least:g} on."
        raise ValueError(message)
    return value


def _secret(args: dict[str, Any], name: str) -> str:
    """Return a secret that is given itself, or by the file that holds it."""
    file = args.get(f"{name}_file")
    if bool(args.get(name)) == bool(file):
        message = f"Give either {name} or {name}_file."
        raise ValueError(message)
    text = Path(file).read_text(encoding="utf-8").rstrip("\n") if file else args[name]
    # A template that holds nothing but digits arrives as a number, and may have lost some of them on the way.
    return _required({name: text}, name, str)


class Receipts:
    """Hand events to the engine, and know when it has them.

    With persistence the engine gives back each event that it has stored, so that the sender can be told then and not
    before. A filter may make several events of one; their C(meta.parts) says how many.
    """

    def __init__(
        self, queue: asyncio.Queue[Any], feedback: asyncio.Queue[dict[str, Any]] | None, seconds: float
    ) -> None:
        """Use the queues of the engine. Without persistence there is no C(feedback)."""
        self._queue = queue
        self._feedback = feedback
        self._seconds = seconds
        self._returned: Counter[str] = Counter()
        self._complete: dict[str, asyncio.Event] = {}

    async def hand_over(self, event: dict[str, Any]) -> None:
        """Return once the engine has the event.

        :raises TimeoutError: it has not said so in time, and may have it all the same. Have the event sent again.
        """
        receipt = uuid.uuid4().hex
        event["meta"]["receipt"] = receipt
        complete = self._complete[receipt] = asyncio.Event()
        try:
            async with asyncio.timeout(self._seconds):
                await self._queue.put(event)
                if self._feedback is not None:
                    await complete.wait()
        finally:
            del self._complete[receipt]
            self._returned.pop(receipt, None)

    @asynccontextmanager
    async def collected(self) -> AsyncIterator[None]:
        """Read what the engine gives back while the block runs; the engine waits for that."""
        collecting = asyncio.create_task(self._collect())
        try:
            yield
        finally:
            collecting.cancel()

    async def _collect(self) -> None:
        while self._feedback is not None:
            meta = (await self._feedback.get())["meta"]
            receipt = meta.get("receipt")
            if receipt in self._complete:
                self._returned[receipt] += 1
                if self._returned[receipt] >= meta.get("parts", 1):
                    self._complete[receipt].set()


# More kinds of refusals than these are counted together, so that senders cannot fill the memory either.
MOST_KINDS = 100
MOST_SHOWN = 100


def _printable(text: object) -> str:
    """Return what a sender wrote as it may be logged: one short line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", str(text)[:MOST_SHOWN])


class Refusals:
    """Log refusals: the first of each kind, then the tenth, the hundredth, so that no flood fills the log."""

    def __init__(self, outcome: str = "Refused") -> None:
        """Begin with none. C(outcome) says what becomes of a message."""
        self._outcome = outcome
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, detail: object = "") -> None:
        """Count one. The reason must hold nothing that the sender wrote; the detail may, and is cleaned."""
        kind = (reason, _printable(detail))
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (reason, "")
        self._counts[kind] += 1
        count = str(self._counts[kind])
        if count.strip("0") == "1":
            shown = f"{reason}: {kind[1]}" if kind[1] else reason
            LOGGER.warning("%s: %s (%s so far)", self._outcome, shown, count)


LISTENER_OPTIONS = {"host", "port", "path", "certfile", "keyfile", "behind_tls_proxy"}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Listener:
    """Where to listen, and with what certificate."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None

    async def serve(self, receive: Callable[[web.Request], Awaitable[web.Response]], most_bytes: int) -> None:
        """Answer POSTs until the task is cancelled."""
        app = web.Application(client_max_size=most_bytes)
        app.router.add_post(self.path, receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port, ssl_context=self.tls).start()
            LOGGER.info("Listening on %s port %d, path %s", self.host, self.port, self.path)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def _listener_from(args: dict[str, Any]) -> Listener:
    """Read the options about listening. :raises ValueError: they do not go together."""
    host, tls = args.get("host", LOOPBACK[0]), None
    if args.get("certfile"):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(args["certfile"], args.get("keyfile") or None)
    elif host not in LOOPBACK and args.get("behind_tls_proxy") is not True:
        message = (
            f"Without certfile and keyfile, messages and passwords would cross the network to {host} in the clear. "
            "Give a certificate; or set behind_tls_proxy if a proxy in front of this source ends TLS."
        )
        raise ValueError(message)
    return Listener(host, int(_number(args, "port", -1, least=1)), args.get("path", "/"), tls)


SUCCESS = range(200, 300)
# Seconds to wait before each attempt to confirm a subscription.
CONFIRMATION_PAUSES = (0, 2, 10, 60)
# Tasks that nobody else holds might be collected as garbage.
CONFIRMING: set[asyncio.Task[None]] = set()


def _pinned(address: str, hosts: Pattern[str]) -> URL | None:
    """Return the address if it is https and its host is one of C(hosts). A port other than 443 belongs to the host."""
    try:
        url = URL(address)
        host = url.host if url.port in (None, 443) else f"{url.host}:{url.port}"
    except ValueError:
        return None
    if url.scheme != "https" or url.user is not None or url.password is not None or not hosts.fullmatch(host or ""):
        return None
    return url


def _origin(address: str) -> str:
    """Return scheme, host and port of an address, for the log. The rest of it holds tokens, and may hold a password."""
    try:
        url = URL(address)
        port = "" if url.explicit_port is None else f":{url.explicit_port}"
        return f"{url.scheme}://{url.host or ''}{port}"
    except ValueError:
        return "an address that is malformed"


def _confirm_in_background(session: aiohttp.ClientSession, url: URL) -> None:
    """Confirm a subscription once its message has been answered."""
    task = asyncio.create_task(_confirm(session, url))
    CONFIRMING.add(task)
    task.add_done_callback(CONFIRMING.discard)


async def _confirm(session: aiohttp.ClientSession, url: URL) -> None:
    """Confirm a subscription by visiting its address. Redirects, which could lead anywhere, are not followed."""
    outcome = ""
    for pause in CONFIRMATION_PAUSES:
        await asyncio.sleep(pause)
        try:
            async with session.get(url, allow_redirects=False) as answer:
                outcome = f"it answered {answer.status}"
                if answer.status in SUCCESS:
                    LOGGER.info("The subscription is confirmed at %s", url.host)
                    return
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            outcome = type(problem).__name__
    LOGGER.error("Not confirmed at %s: %s. Have the subscription send its confirmation again.", url.host, outcome)


# ---- End of what is shared ----


@dataclass(frozen=True)
class Senders:
    """Whose messages are taken, and where they may lead."""

    authorization: bytes
    topics: frozenset[str]
    oracle_hosts: Pattern[str]

    def refusal(self, request: web.Request) -> tuple[int, str] | None:
        """Return with what status and why a message is refused, if it is."""
        scheme, _blank, credentials = request.headers.get("Authorization", "").partition(" ")
        given = credentials.strip().encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self.authorization) or scheme.lower() != "basic":
            return 401, "wrong or no user and password"
        if request.headers.get("X-OCI-NS-TopicOcid", "").lower() not in self.topics:
            return 403, "a topic that is not in topics"
        certificate = request.headers.get("X-OCI-NS-SigningCertURL")
        if certificate and _pinned(certificate, self.oracle_hosts) is None:
            return 403, "a certificate that is not at oracle_hosts"
        return None


@dataclass
class Endpoint:
    """Answers the service; confirms subscriptions in the background."""

    senders: Senders
    receipts: Receipts
    session: aiohttp.ClientSession
    refusals: Refusals = field(default_factory=Refusals)
    texts: Refusals = field(default_factory=lambda: Refusals("Accepted and not passed on"))

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one POST."""
        refusal = self.senders.refusal(request)
        if refusal:
            return self._refused(*refusal)
        message_type = request.headers.get("X-OCI-NS-MessageType")
        if message_type == "SubscriptionConfirmation":
            return self._confirmed(request)
        if message_type != "Notification":
            return self._refused(400, "a message of an unknown type")
        return await self._accept(request.headers["X-OCI-NS-TopicOcid"].lower(), await request.read())

    def _refused(self, status: int, reason: str, detail: str = "") -> web.Response:
        self.refusals.note(reason, detail)
        headers = {"WWW-Authenticate": 'Basic realm="alarms"'} if status == web.HTTPUnauthorized.status_code else None
        return web.Response(status=status, text=reason, headers=headers)

    def _confirmed(self, request: web.Request) -> web.Response:
        """Confirm by the header, since the body is not always JSON."""
        address = request.headers.get("X-OCI-NS-ConfirmationURL", "")
        url = _pinned(address, self.senders.oracle_hosts)
        if url is None:
            return self._refused(403, "a confirmation that is not at oracle_hosts", _origin(address))
        _confirm_in_background(self.session, url)
        return web.Response()

    async def _accept(self, topic: str, body: bytes) -> web.Response:
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            # The console publishes plain text too. It is no alarm, and any other answer has it sent for two hours.
            self.texts.note("a message that is no JSON object, and so no alarm")
            return web.Response()
        # The same for each delivery of a message, so that an engine with persistence takes it once.
        digest = hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()
        event = {"payload": payload, "meta": {"topic": topic, "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, digest))}}
        try:
            await self.receipts.hand_over(event)
        except TimeoutError:
            LOGGER.warning("The engine is busy; a message is left to the service to be sent again")
            return web.Response(status=503, headers={"Retry-After": "30"})
        return web.Response()


def _senders_from(args: dict[str, Any]) -> Senders:
    """Read the options about senders. :raises ValueError: one cannot mean anything."""
    credentials = f"{_required(args, 'username', str)}:{_secret(args, 'password')}"
    topics = frozenset(str(topic).lower() for topic in _required(args, "topics", list))
    hosts = re.compile(args.get("oracle_hosts") or ORACLE_HOSTS, re.IGNORECASE)
    return Senders(base64.b64encode(credentials.encode()), topics, hosts)


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Receive messages until the task is cancelled."""
    _check_names(args, OPTIONS | LISTENER_OPTIONS)
    senders, listener = _senders_from(args), _listener_from(args)
    receipts = Receipts(queue, args.get("eda_feedback_queue"), _number(args, "accept_timeout", 10, least=0.1))
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=args.get("ca_file") or None))
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session, receipts.collected():
        await listener.serve(Endpoint(senders, receipts, session).receive, MOST_BYTES)
