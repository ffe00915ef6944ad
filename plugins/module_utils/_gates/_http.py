# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Asks web servers, with Ansible's and Python's own means.

Ansible's ``open_url`` is no use here: it makes its settings those of the whole process, so a gate that trusts any
certificate could do so for the gates beside it.
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

#: As much of an answer as is read, in bytes.
LONGEST_ANSWER = 1024 * 1024
_USER_AGENT = "tidegate.failover"
#: What an address can be sent as without being written in another way: no spaces, and nothing but ASCII.
_PRINTED = re.compile(r"[!-~]+")
#: RFC 9110, section 5: what names and values of headers can hold.
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")

#: The options with which a gate says how to connect. ``KIND`` stands for the kind they are options of.
_CONNECTION: Options = {
    "headers": {
        "description": """
            Headers of the request. Their values are kept out of all output. Where a redirect is followed, it does not
            get them.""",
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
        "description": "A file with the certificate to show to the server, in PEM format. It may hold the key too.",
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

#: What holds among these options, as in an argument spec.
CONNECTION_CONSTRAINTS: Mapping[str, t.Any] = {
    "required_together": [("url_username", "url_password")],
    "required_by": {"client_key": ["client_cert"]},
}


@dataclass(frozen=True)
class Request:
    """What to ask, and how to connect. The fields mean what the options of these names do.

    :ivar body: what to send along, if anything.
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
    """What a server answered.

    :ivar text: the body, as far as it was read.
    :ivar location: where it redirects to.
    :ivar age: for how many seconds a cache has had it, if one says so.
    :ivar retry_after: what the header of that name says.
    """

    status: int
    text: str
    location: str | None = None
    age: int = 0
    retry_after: str | None = None


def connection_options(kind: str) -> Options:
    """The options with which a gate of this kind says how to connect."""
    return {
        name: {**option, "description": option["description"].replace("KIND", kind)}
        for name, option in _CONNECTION.items()
    }


def request_to(url: str, options: Values) -> Request:
    """A request to this address, connected to as a gate's options say."""
    return Request(
        url,
        headers={name: str(value) for name, value in (options["headers"] or {}).items()},
        username=options["url_username"],
        password=options["url_password"],
        **{name: options[name] for name in ("validate_certs", "ca_path", "client_cert", "client_key", "use_proxy")},
    )


def check_request(option: str, request: Request) -> None:
    """Refuse what could not be asked, or would show a secret.

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
    """An address as it may be shown: without user and query, which may hold passwords and tokens."""
    try:
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    except ValueError:
        return "an address that makes no sense"


def fetch(request: Request, limit: float) -> Answer:
    """Ask once. Every status is an answer.

    :param limit: seconds that it may take.
    :raises UnreachableError: there was no answer in time, or none that makes sense.
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
    """A request whose own headers no redirect takes along: they may hold what lets one in."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.url, data=request.body, method=request.method)
        own = {"User-Agent": _USER_AGENT, "Cache-Control": "no-cache", **request.headers}
        if request.username is not None:
            own["Authorization"] = basic_auth_header(request.username, request.password).decode()
        for name, value in own.items():
            self.add_unredirected_header(name, value)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def redirect_request(self, *_redirect: object) -> None:
        return None


class _EveryStatus(urllib.request.HTTPDefaultErrorHandler):
    """Takes an error for the answer that it is."""

    def http_error_default(self, _request: object, response: t.Any, *_status: object) -> t.Any:
        return response


#: Of gates that begin at once, one reads the authorities, and the others wait for it.
_READING = threading.Lock()


@functools.cache
def _context(
    ca_path: str | None, validate_certs: bool, client_cert: str | None, client_key: str | None
) -> ssl.SSLContext:
    """Reading the authorities takes longer than most requests, so they are read once in a task."""
    return t.cast(
        ssl.SSLContext,
        make_context(cafile=ca_path, validate_certs=validate_certs, client_cert=client_cert, client_key=client_key),
    )


def _open(request: Request, limit: float) -> t.Any:
    with _READING:
        context = _context(request.ca_path, request.validate_certs, request.client_cert, request.client_key)
    # Only what speaks HTTP: the usual set would open files too.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(None if request.use_proxy else {}),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler() if request.follow_redirects else _NoRedirects(),
        _EveryStatus(),
        # Says that it does not know where a redirect leads, to ftp:// for instance.
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener.open(_Question(request), timeout=limit)


def _age(header: str | None) -> int:
    """RFC 9111, section 5.1: of several values the first counts, and one that is no number does not."""
    first = (header or "").partition(",")[0].strip()
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 12 else 0


def _text(response: t.Any, end: float) -> str:
    """The body. The timeout of the connection starts again with each piece; this one does not."""
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
    """What went wrong, without the numbers that only programs want."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({problem.verify_message})"
    text = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
    return text.strip().rstrip(".") or type(problem).__name__
