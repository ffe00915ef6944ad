# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs the demo's commands, sends requests like a user, and prints both in a form that newcomers understand."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import ssl
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

WIDTH = 100
MOST_REDIRECTS = 5
QUIET = {
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_NOCOLOR": "true",
}
REDIRECTS = (301, 302, 303, 307, 308)


class DemoError(Exception):
    """An answer differs from the demo's description, or a command failed."""


class Answer(NamedTuple):
    """The answer to one request."""

    url: str
    status: int
    reason: str
    headers: dict[str, str]
    text: str


def browse(url: str, ca_file: str | None = None, accept: str = "text/html", *, quiet: bool = False) -> list[Answer]:
    """Request a page as a browser does, following redirects, and show every answer unless it is to be ``quiet``.

    :param ca_file: the certificate authorities that the browser trusts; the system's if None.
    :param accept: the requested content type.
    """
    answers: list[Answer] = []
    while len(answers) < MOST_REDIRECTS and (not answers or answers[-1].status in REDIRECTS):
        url = urljoin(url, answers[-1].headers["location"]) if answers else url
        answers.append(get(url, ca_file, accept))
        if not quiet:
            show(answers[-1])
    return answers


def get(url: str, ca_file: str | None = None, accept: str = "text/html") -> Answer:
    """One request, no redirect followed."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    if place.scheme == "https":
        trust = ssl.create_default_context(cafile=ca_file)
        connection = http.client.HTTPSConnection(str(place.hostname), place.port, timeout=10, context=trust)
    try:
        path = f"{place.path}?{place.query}" if place.query else place.path
        connection.request("GET", path, headers={"Accept": accept})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(url, response.status, response.reason, headers, response.read().decode())
    finally:
        connection.close()


def show(answer: Answer) -> None:
    """Print a summary of an answer."""
    print(f"    GET {answer.url}")
    print(f"     -> {answer.status} {answer.reason}")
    for name in ("location", "retry-after", "cache-control"):
        if name in answer.headers:
            print(f"        {name.title()}: {answer.headers[name]}")
    visible = re.sub(r"<(style|title)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    words = " ".join(visible.split())
    if words and answer.status not in REDIRECTS:
        print(f"        {textwrap.shorten(words, WIDTH - 12)}")


def expect(answers: list[Answer], statuses: list[int]) -> Answer:
    """Check the answers that a user got, and return the last one.

    :raises DemoError: the answers have other statuses.
    """
    seen = [answer.status for answer in answers]
    if seen != statuses:
        raise DemoError(f"a user should have seen {statuses}, but saw {seen}")
    return answers[-1]


def run(
    command: str, *arguments: str, environment: dict[str, str] | None = None, quiet: bool = False, fails: bool = False
) -> None:
    """Run a command and show its output, indented.

    :param environment: further environment variables of the command.
    :param fails: whether the command must fail.
    :raises DemoError: the command failed, or it must fail and did not.
    """
    if not quiet:
        shown = [Path(argument).name if argument.startswith("/") else shlex.quote(argument) for argument in arguments]
        print(f"    $ {' '.join([command, *shown])}", flush=True)
    words = [*command.split(), *arguments]
    words[0] = sys.executable if words[0] == "python" else words[0]
    done = subprocess.run(
        words,
        env=os.environ | QUIET | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = done.returncode != 0
    if not quiet or failed:
        for line in filter(str.strip, _essence(done.stdout).splitlines() + done.stderr.splitlines()):
            print(f"    | {line.rstrip(' *')}")
    if failed is not fails:
        raise DemoError(f"'{command}' ended with {done.returncode}")


def _essence(output: str) -> str:
    """The message of a module's ad-hoc run, without the other results; any other output unchanged."""
    found = re.search(r"^(\w+ \| [A-Z!]+) => (\{.*\})\s*\Z", output, re.DOTALL | re.MULTILINE)
    return f"{found[1]}: {json.loads(found[2])['msg']}" if found else output


def title(text: str) -> None:
    """Begin a story."""
    print(f"\n\n{'=' * len(text)}\n{text}\n{'=' * len(text)}", flush=True)


def heading(text: str) -> None:
    """Begin a new part of the story."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def say(text: str) -> None:
    """Print a paragraph."""
    print(f"\n{textwrap.fill(text, WIDTH)}", flush=True)
