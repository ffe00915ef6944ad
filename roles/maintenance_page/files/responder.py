# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Answer every request with the maintenance page. One file: WSGI of the standard library, served by waitress.

The answers are in a content file, which the role ``maintenance_page`` of the collection ``tidegate.failover`` makes. A
new content file counts from the next request on. A file that cannot be read is reported, and the last good content
stays.

Environment variables:

``MAINTENANCE_CONTENT``  the content file; ``content.json`` beside this file, if not given
``MAINTENANCE_ANSWER``   ``unavailable``, ``message`` or ``json``, instead of the content file's own kind of answer
``MAINTENANCE_LISTEN``   the address to listen at; 127.0.0.1, if not given
``PORT``                 the port to listen at; 8080, if not given
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

FORMAT = 1

# How much of a header is read. A browser's own headers are a tenth of it.
HEADER_CHARACTERS = 4096
HEADER_RANGES = 64

SERVER = {
    "threads": 8,
    "connection_limit": 1000,
    "channel_timeout": 30,
    "max_request_header_size": 65536,
    "max_request_body_size": 10 * 1024 * 1024,
    "inbuf_overflow": 65536,
    "ident": None,
    "clear_untrusted_proxy_headers": True,
}

Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], Any]

_log = logging.getLogger("maintenance")


class ContentError(Exception):
    """The content file cannot be used; the message has the reason."""


@dataclass(frozen=True)
class Response:
    """One answer that is ready to be sent."""

    status: str
    headers: Headers
    body: bytes
    compressed: bytes = b""


@dataclass(frozen=True)
class Content:
    """A content file, with all answers prepared.

    :ivar languages: the first is for clients that ask for none of them.
    :ivar offers: the media types that clients can ask for. The first is for clients that ask for none of them.
    :ivar pages: by language and key of the offer.
    :ivar exempt: by path.
    :ivar prefixes: by the beginning of the path, the longest first.
    """

    languages: tuple[str, ...]
    offers: tuple[str, ...]
    pages: Mapping[tuple[str, str], Response]
    exempt: Mapping[str, Response]
    prefixes: tuple[tuple[str, Response], ...]


class Responder:
    """The WSGI application."""

    def __init__(self, path: Path, answer: str = "") -> None:
        """
        :param answer: the kind of answer, instead of that of the content file.
        :raises ContentError: there is no content file that can be used.
        """
        self._path = path
        self._answer = answer
        self._version = self._version_of_file()
        self._content = read_content(path, answer)
        self._reloading = threading.Lock()

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request. Its body is never read here; the server reads and limits it."""
        self._reload()
        response = choose(self._content, environ)
        headers, body = list(response.headers), response.body
        if response.compressed and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            headers.append(("Content-Encoding", "gzip"))
            body = response.compressed
        if not response.status.startswith("204"):
            headers.append(("Content-Length", str(len(body))))
        start_response(response.status, headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _reload(self) -> None:
        """Read the content file again if it was replaced. Requests in the meantime get the last content."""
        if not self._reloading.acquire(blocking=False):
            return
        try:
            version = self._version_of_file()
            if version == self._version:
                return
            self._version = version
            self._content = read_content(self._path, self._answer)
            _log.info("Read %s again.", self._path)
        except ContentError as error:
            _log.error("%s The last good content stays.", error)
        finally:
            self._reloading.release()

    def _version_of_file(self) -> tuple[int, ...]:
        try:
            status = self._path.stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_size, status.st_ino


def read_content(path: Path, answer: str = "") -> Content:
    """Read a content file.

    :raises ContentError: it does not exist, or does not have the expected form.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        if given["format"] != FORMAT:
            raise ContentError(
                f"{path} has the format {given['format']!r}. This responder reads {FORMAT}. Take both from the same "
                "version of the role maintenance_page."
            )
        return _content(given, answer or given["answer"])
    except (OSError, ValueError) as error:
        raise ContentError(f"Cannot read {path}: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ContentError(f"{path} is not a content file of the role maintenance_page ({error!r}).") from error


def _content(given: Any, kind: str) -> Content:
    if kind not in given["answers"]:
        raise ContentError(f"There is no kind of answer {kind!r}. There are: {', '.join(given['answers'])}.")
    answer = given["answers"][kind]
    languages = tuple(given["languages"])
    offers = {offer["accept"]: offer for offer in answer["offers"]}
    exempt = {item["path"]: _exempt(item) for item in given["exempt"]}
    prefixes = [(path[:-1], response) for path, response in exempt.items() if path.endswith("/*")]
    pages = {
        (language, name): _page(answer, offer, language, given["documents"][language][offer["document"]])
        for language in languages
        for name, offer in offers.items()
    }
    if not pages:
        raise ValueError("it has no page")
    return Content(languages, tuple(offers), pages, exempt, tuple(sorted(prefixes, key=lambda item: -len(item[0]))))


def _page(answer: Any, offer: Any, language: str, document: Any) -> Response:
    headers = [
        ("Content-Type", offer["content_type"]),
        ("Content-Language", language),
        ("Vary", "Accept, Accept-Language, Accept-Encoding"),
        *((name, value) for name, value in (*answer["headers"], *document["headers"])),
    ]
    body = document["body"].encode()
    compressed = gzip.compress(body, compresslevel=9, mtime=0)
    return Response(_status(answer["status"]), headers, body, compressed if len(compressed) < len(body) else b"")


def _exempt(item: Any) -> Response:
    headers = [("Content-Type", item["content_type"]), ("Cache-Control", "no-store")]
    return Response(_status(item["status"]), headers, item["body"].encode())


def _status(code: int) -> str:
    known = {item.value: item.phrase for item in HTTPStatus}
    return f"{int(code)} {known.get(code, 'Unassigned')}"


def choose(content: Content, environ: Mapping[str, Any]) -> Response:
    """Return the answer to a request."""
    path = environ.get("PATH_INFO", "")
    if path in content.exempt:
        return content.exempt[path]
    for prefix, response in content.prefixes:
        if path.startswith(prefix):
            return response
    language = best_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), content.languages)
    return content.pages[language, best_offer(environ.get("HTTP_ACCEPT", ""), content.offers)]


def best_offer(accept: str, offers: tuple[str, ...]) -> str:
    """Return the media type that a client prefers.

    Of media types with the same quality, it is the one that the client names most exactly, and then the one that it
    names first. A client that accepts none of them still gets the first one, because the status matters more than the
    form.
    """
    ranges = weights(accept)
    found: list[tuple[float, int, int, int]] = []
    for position, offer in enumerate(offers):
        match = _match(offer, ranges)
        if match and match[0] > 0:
            quality, exactness, place = match
            found.append((-quality, -exactness, place, position))
    return offers[min(found)[3]] if found else offers[0]


def _match(offer: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int] | None:
    """Quality, exactness and place of the most exact range that covers a media type."""
    patterns = ("*/*", f"{offer.split('/', maxsplit=1)[0]}/*", offer)
    found = [
        (patterns.index(name), -place, quality) for place, (name, quality) in enumerate(ranges) if name in patterns
    ]
    if not found:
        return None
    exactness, place, quality = max(found)
    return quality, exactness, -place


def best_language(accept: str, languages: tuple[str, ...]) -> str:
    """Return the language that a client prefers, by RFC 4647's lookup: ``de-AT`` finds ``de``."""
    wanted = weights(accept)
    refused = {tag for tag, quality in wanted if quality <= 0}
    ordered = sorted((item for item in wanted if item[1] > 0), key=lambda item: -item[1])
    allowed = [language for language in languages if language not in refused]
    for tag, _quality in ordered:
        if tag == "*" and allowed:
            return allowed[0]
        language = tag.split("-")[0]
        if language in allowed:
            return language
    return languages[0]


def accepts_gzip(accept: str) -> bool:
    """Return whether a client accepts gzip."""
    given = dict(weights(accept))
    return given.get("gzip", given.get("*", 0.0)) > 0


def weights(header: str) -> list[tuple[str, float]]:
    """Return the entries of an Accept header, in their order, each with its quality.

    An entry with an invalid quality is left out. Everything after the first few thousand characters is ignored.
    """
    found = []
    for entry in header[:HEADER_CHARACTERS].split(",")[:HEADER_RANGES]:
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        quality = _quality(parameters)
        if name and quality is not None:
            found.append((name, quality))
    return found


def _quality(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _equals, value = parameter.partition("=")
        if name.strip() == "q":
            valid = re.fullmatch(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", value.strip())
            return float(value) if valid else None
    return 1.0


def application(environment: Mapping[str, str]) -> Responder:
    """The application, as the environment configures it.

    :raises ContentError: there is no content file that can be used.
    """
    beside = Path(__file__).resolve().parent / "content.json"
    return Responder(Path(environment.get("MAINTENANCE_CONTENT") or beside), environment.get("MAINTENANCE_ANSWER", ""))


def main() -> int:
    """Serve until stopped; returns the exit status."""
    import waitress

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    # This logger reports each moment in which all threads are busy.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    address, port = os.environ.get("MAINTENANCE_LISTEN") or "127.0.0.1", os.environ.get("PORT") or "8080"
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        _log.error("PORT is %r. Expected 0 to 65535.", port)
        return 2
    try:
        responder = application(os.environ)
    except ContentError as error:
        _log.error("%s", error)
        return 2
    waitress.serve(responder, host=address, port=int(port), **SERVER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
