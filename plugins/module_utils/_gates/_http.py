# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Sends HTTP requests, with Ansible's TLS settings and Python's own HTTP client.

Ansible's ``open_url`` cannot be used: its settings apply to the whole process. So a gate that trusts any certificate
could make other gates that run at the same time trust it too.
"""

from __future__ import annotations

import functools
import http.client
import re
import ssl
import threading
import time
import typing as t
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ansible.module_utils.urls import basic_auth_header, make_context
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, UnreachableError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Options, Values
from ansible_collections.tidegate.failover.plugins.module_utils._proxy import proxy_for

#: Bytes that are read of a response at most.
LONGEST_ANSWER = 1024 * 1024
_USER_AGENT = "tidegate.failover"
#: An address that can be sent unchanged: only ASCII, and no spaces.
_PRINTED = re.compile(r"[!-~]+")
#: RFC 9110, section 5: characters of header names and values.
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")

#: The options of a gate for its connection. ``KIND`` is replaced by the kind of the gate.
_CONNECTION: Options = {
    "headers": {
        "description": """
            Headers of the request. Their values are kept out of all output. They are not sent to the target of a
            redirect.""",
        "type": "dict",
        "no_log": True,
    },
    "url_username": {"description": "The user for HTTP basic authentication.", "type": "str"},
    "url_password": {"description": "The password of that user.", "type": "str", "no_log": True},
    "validate_certs": {
        "description": "Whether to verify the server's certificate. If V(false), anybody in between can answer.",
        "type": "bool",
        "default": True,
    },
    "ca_path": {
        "description": "A file with the certificate authorities to trust, in PEM format, instead of the system's.",
        "type": "path",
    },
    "client_cert": {
        "description": "A file with the client certificate, in PEM format. It may hold the key too.",
        "type": "path",
    },
    "client_key": {
        "description": "A file with the key of O(gates[].KIND.client_cert), in PEM format, not encrypted.",
        "type": "path",
    },
    "use_proxy": {
        "description": "Whether to use C(http_proxy), C(https_proxy) and C(no_proxy) of the environment.",
        "type": "bool",
        "default": True,
    },
}

#: Constraints of these options, as in an argument spec.
CONNECTION_CONSTRAINTS: Mapping[str, t.Any] = {
    "required_together": [("url_username", "url_password")],
    "required_by": {"client_key": ["client_cert"]},
}


@dataclass(frozen=True)
class Request:
    """A request, and how to connect. The fields have the same meaning as the options of these names.

    :ivar body: the body of the request; None for none.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    username: str | None = None
    password: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    use_proxy: bool = True
    follow_redirects: bool = False
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """The response of a server.

    :ivar text: the body, as far as it was read.
    :ivar location: the target of a redirect.
    :ivar age: the seconds that a cache has had the response, by the header Age; 0 without it.
    :ivar retry_after: the header Retry-After.
    """

    status: int
    text: str
    location: str | None = None
    age: int = 0
    retry_after: str | None = None


def connection_options(kind: str) -> Options:
    """The connection options of a gate of this kind."""
    return {
        name: {**option, "description": option["description"].replace("KIND", kind)}
        for name, option in _CONNECTION.items()
    }


def request_to(url: str, options: Values) -> Request:
    """A request to this address, with the connection options of a gate."""
    return Request(
        url,
        headers={name: str(value) for name, value in (options["headers"] or {}).items()},
        username=options["url_username"],
        password=options["url_password"],
        **{name: options[name] for name in ("validate_certs", "ca_path", "client_cert", "client_key", "use_proxy")},
    )


def check_request(option: str, request: Request) -> None:
    """Refuse a request that could not be sent, or would show a secret.

    :param option: the option that holds the address.
    """
    try:
        parts = urlsplit(request.url)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, known = urlsplit(""), False
    if not known or not _PRINTED.fullmatch(request.url):
        raise RefusedError(f"{option} is no address of a web server. Give one that begins with http:// or https://.")
    if parts.username is not None:
        raise RefusedError(f"{option} holds a user, which would be shown. Give url_username and url_password instead.")
    for name, value in request.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise RefusedError(f"The header {name!r} cannot be sent. Check its name; its value is one line in Latin-1.")
    for path in (request.ca_path, request.client_cert, request.client_key):
        if path is not None and not Path(path).is_file():
            raise RefusedError(f"There is no file {path} where the gate runs.")


def shown(url: str) -> str:
    """An address without user and query, which may contain passwords and tokens."""
    try:
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    except ValueError:
        return "an address that makes no sense"


def fetch(request: Request, limit: float) -> Answer:
    """Send a request once. A response with any status is returned.

    :param limit: seconds that it may take.
    :raises UnreachableError: there was no response in time, or an invalid one.
    """
    end = time.monotonic() + limit
    try:
        with _open(request, limit) as response:
            headers = response.headers
            return Answer(
                response.status,
                _text(response, end),
                headers.get("Location"),
                _age(headers.get("Age")),
                headers.get("Retry-After"),
            )
    except TimeoutError as problem:
        raise UnreachableError(f"no answer within {limit:.3g} s") from problem
    except urllib.error.URLError as problem:
        if isinstance(problem.reason, TimeoutError):
            raise UnreachableError(f"no answer within {limit:.3g} s") from problem
        raise UnreachableError(f"no answer{_through(request)}: {_reported(problem.reason)}") from problem
    except (OSError, http.client.HTTPException) as problem:
        raise UnreachableError(f"no answer{_through(request)}: {_reported(problem)}") from problem


def _through(request: Request) -> str:
    proxy = proxy_for(request.url) if request.use_proxy else None
    return f" through the proxy {proxy}" if proxy else ""


class _Question(urllib.request.Request):
    """A request whose own headers are not sent to the target of a redirect: they may contain credentials."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.url, data=request.body, method=request.method)
        own = {"User-Agent": _USER_AGENT, "Cache-Control": "no-cache", **request.headers}
        if request.username is not None:
            own["Authorization"] = basic_auth_header(request.username, request.password).decode()
        for name, value in own.items():
            self.add_unredirected_header(name, value)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Returns a redirect as the response, and does not follow it."""

    def redirect_request(self, *_redirect: object) -> None:
        return None


class _EveryStatus(urllib.request.HTTPDefaultErrorHandler):
    """Returns a response with an error status, and raises nothing."""

    def http_error_default(self, _request: object, response: t.Any, *_status: object) -> t.Any:
        return response


#: Where several gates begin at the same time, one of them reads the authorities, and the others wait for it.
_READING = threading.Lock()


@functools.cache
def _context(
    ca_path: str | None, validate_certs: bool, client_cert: str | None, client_key: str | None
) -> ssl.SSLContext:
    """The TLS settings. Reading the authorities takes longer than most requests, so each task reads them once."""
    return t.cast(
        ssl.SSLContext,
        make_context(cafile=ca_path, validate_certs=validate_certs, client_cert=client_cert, client_key=client_key),
    )


def _open(request: Request, limit: float) -> t.Any:
    with _READING:
        context = _context(request.ca_path, request.validate_certs, request.client_cert, request.client_key)
    # Only HTTP handlers: Python's default set would open files too.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(None if request.use_proxy else {}),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler() if request.follow_redirects else _NoRedirects(),
        _EveryStatus(),
        # Raises an error for a redirect to another scheme, such as ftp://.
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener.open(_Question(request), timeout=limit)


def _age(header: str | None) -> int:
    """The header Age as a number (RFC 9111, section 5.1): the first of several values, or 0 if that is no number."""
    first = (header or "").partition(",")[0].strip()
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 12 else 0


def _text(response: t.Any, end: float) -> str:
    """The body. Python's timeout starts again with each piece that is read; the time in ``end`` does not."""
    read = bytearray()
    while len(read) < LONGEST_ANSWER:
        if time.monotonic() > end:
            raise TimeoutError
        piece = response.read1(LONGEST_ANSWER - len(read))
        if not piece:
            break
        read += piece
    charset = response.headers.get_content_charset() or "utf-8"
    try:
        return read.decode(charset, errors="replace")
    except LookupError:
        return read.decode("utf-8", errors="replace")


def _reported(problem: object) -> str:
    """What went wrong, without error numbers."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({problem.verify_message})"
    text = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
    return text.strip().rstrip(".") or type(problem).__name__
