# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Receive messages of Amazon SNS over HTTPS, with their signatures verified."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
import ssl
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from re import Pattern

DOCUMENTATION = r"""
---
module: sns
short_description: Receive messages of Amazon SNS over HTTPS, with their signatures verified
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - The endpoint of an SNS subscription with the protocol C(https). It confirms the subscription by itself, and passes
    each message on as C(payload), for the filter C(tidegate.failover.alarm).
  - Only messages of O(topics) with a valid signature (version 1 or 2) are taken. The certificate is read from SNS' own
    hosts.
  - SNS tries four times within about a minute, and then the message is lost. A queue in between, which
    C(tidegate.failover.sqs) reads, is safer.
  - The answer is success once the engine has the message. With O(feedback), that is once it is stored durably.
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
  topics:
    description:
      - The ARNs of the topics whose messages are taken. Others are answered with 403.
    type: list
    elements: str
    required: true
  sns_hosts:
    description:
      - A regular expression for the hosts where certificates are read and subscriptions confirmed. Only https addresses
        are considered. A port other than 443 belongs to the host, as in V(localhost:8443).
    type: str
    default: sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?
  ca_file:
    description:
      - File with the authorities to trust when those hosts are visited, where those of the system do not do.
    type: path
  accept_timeout:
    description:
      - Seconds that the engine may take to accept a message. After that the answer is 503, and SNS sends it again.
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
  tidegate.failover.sns:
    host: 0.0.0.0
    port: 8443
    certfile: /etc/tidegate/tls.pem
    keyfile: /etc/tidegate/tls.key
    topics: ["arn:aws:sns:us-east-1:123456789012:failover"]
    feedback: true
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)

# Messages have at most 256 KB, and escapes can double them.
MOST_BYTES = 1024 * 1024
OPTIONS = {"topics", "sns_hosts", "ca_file", "accept_timeout"}
# Not any host of amazonaws.com: everybody can put files on some of those.
SNS_HOSTS = r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?"
SIGNED_FIELDS = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
# SHA-1 is what SNS signs with unless the topic says otherwise.
SIGNATURE_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303

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


class RefusedError(Exception):
    """A message that is not taken; the text says why and holds nothing of the message."""

    def __init__(self, reason: str, status: int = 403, detail: str = "") -> None:
        """Remember with what status to answer, and what of the message helps to find its sender."""
        super().__init__(reason)
        self.status = status
        self.detail = detail


class Certificates:
    """The certificates that SNS signs with, each read once."""

    def __init__(self, session: aiohttp.ClientSession, sns_hosts: Pattern[str]) -> None:
        """Read them from these hosts alone."""
        self._session = session
        self._sns_hosts = sns_hosts
        self._keys: dict[URL, tuple[rsa.RSAPublicKey, datetime]] = {}

    async def verify(self, message: dict[str, Any]) -> None:
        """Check the signature.

        Source: "Verifying the signatures of Amazon SNS messages" in the Developer Guide of SNS.

        :raises RefusedError: it is not by SNS.
        """
        url = _pinned(str(message.get("SigningCertURL")), self._sns_hosts)
        algorithm = SIGNATURE_HASHES.get(str(message.get("SignatureVersion")))
        if url is None or algorithm is None:
            reason = "a certificate that is not at sns_hosts, or an unknown version of signature"
            raise RefusedError(reason, detail=_origin(str(message.get("SigningCertURL"))))
        lines = [f"{name}\n{message[name]}\n" for name in SIGNED_FIELDS if message.get(name) is not None]
        key = await self._key(url)
        try:
            signature = base64.b64decode(str(message.get("Signature")), validate=True)
            key.verify(signature, "".join(lines).encode(), padding.PKCS1v15(), algorithm)
        except (InvalidSignature, ValueError):
            reason = "a wrong signature"
            raise RefusedError(reason) from None

    async def _key(self, url: URL) -> rsa.RSAPublicKey:
        known = self._keys.get(url)
        if known is None or known[1] < datetime.now(UTC):
            known = self._keys[url] = await self._read(url)
        return known[0]

    async def _read(self, url: URL) -> tuple[rsa.RSAPublicKey, datetime]:
        """Read a certificate, over a connection whose other end has proven to be SNS."""
        try:
            async with self._session.get(url, allow_redirects=False, raise_for_status=True) as answer:
                certificate = x509.load_pem_x509_certificate(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError):
            # SNS sends the message again.
            reason = "a certificate that cannot be read at the moment"
            raise RefusedError(reason, status=503) from None
        except ValueError:
            reason = "a certificate that is none"
            raise RefusedError(reason) from None
        key, now = certificate.public_key(), datetime.now(UTC)
        if not isinstance(key, rsa.RSAPublicKey) or not (
            certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        ):
            reason = "a certificate that is not valid now, or of another kind"
            raise RefusedError(reason)
        return key, certificate.not_valid_after_utc


@dataclass
class Endpoint:
    """Answers SNS; confirms subscriptions in the background."""

    topics: frozenset[str]
    sns_hosts: Pattern[str]
    certificates: Certificates
    receipts: Receipts
    session: aiohttp.ClientSession
    refusals: Refusals = field(default_factory=Refusals)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one POST."""
        try:
            message = self._message(await request.read())
            await self.certificates.verify(message)
            return await self._act(message)
        except RefusedError as refusal:
            self.refusals.note(str(refusal), refusal.detail)
            return web.Response(status=refusal.status, text=str(refusal))

    def _message(self, body: bytes) -> dict[str, Any]:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            reason = "a body that is no JSON object"
            raise RefusedError(reason, status=400)
        if message.get("TopicArn") not in self.topics:
            reason = "a topic that is not in topics"
            raise RefusedError(reason)
        return message

    async def _act(self, message: dict[str, Any]) -> web.Response:
        kind = message.get("Type")
        if kind == "Notification":
            return await self._accept(message)
        if kind == "SubscriptionConfirmation":
            self._confirm(str(message.get("SubscribeURL")))
        elif kind == "UnsubscribeConfirmation":
            LOGGER.warning("Not a notification: SNS says that the subscription to a topic has ended")
        else:
            reason = "a message of an unknown type"
            raise RefusedError(reason, status=400)
        return web.Response()

    def _confirm(self, address: str) -> None:
        url = _pinned(address, self.sns_hosts)
        if url is None:
            reason = "a confirmation that is not at sns_hosts"
            raise RefusedError(reason, detail=_origin(address))
        _confirm_in_background(self.session, url)

    async def _accept(self, message: dict[str, Any]) -> web.Response:
        # The same for each delivery of a message, so that an engine with persistence takes it once.
        digest = hashlib.sha256(f"{message['TopicArn']}\n{message.get('MessageId')}".encode()).hexdigest()
        meta = {"topic": message["TopicArn"], "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, digest))}
        try:
            await self.receipts.hand_over({"payload": message, "meta": meta})
        except TimeoutError:
            LOGGER.warning("The engine is busy; a message is left to SNS to be sent again")
            return web.Response(status=503)
        return web.Response()


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Receive messages until the task is cancelled."""
    _check_names(args, OPTIONS | LISTENER_OPTIONS)
    topics, listener = frozenset(_required(args, "topics", list)), _listener_from(args)
    sns_hosts = re.compile(args.get("sns_hosts") or SNS_HOSTS, re.IGNORECASE)
    receipts = Receipts(queue, args.get("eda_feedback_queue"), _number(args, "accept_timeout", 10, least=0.1))
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=args.get("ca_file") or None))
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session, receipts.collected():
        endpoint = Endpoint(topics, sns_hosts, Certificates(session, sns_hosts), receipts, session)
        await listener.serve(endpoint.receive, MOST_BYTES)
