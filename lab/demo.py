# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make demo``: what a user of a site sees while an operator enters and exits maintenance, on the lab, for real.

The playbooks are run as anybody runs them, and the requests go to the listeners of the lab's load balancer. The demo
fails if a user sees something else than it tells.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

WIDTH = 100
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


class DemoError(Exception):
    """A user saw something else than the demo tells, or a command failed."""


class Answer(NamedTuple):
    """What one request got."""

    url: str
    status: int
    reason: str
    headers: dict[str, str]
    text: str


def main() -> int:
    """Tell the story; returns the exit status."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-demo-"))
    try:
        say("Starting the lab: an OCI load balancer on this machine, with real listeners and backends.")
        run("python -m lab up --detach --parts oci", "--directory", str(folder), quiet=True)
        story(json.loads((folder / "lab.json").read_text(encoding="utf-8")), folder)
    except DemoError as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    finally:
        run("python -m lab down", "--directory", str(folder), quiet=True)
        shutil.rmtree(folder, ignore_errors=True)
    say(f"The lab is stopped and nothing of it is left. All of this took {time.monotonic() - began:.0f} seconds.")
    say("To try it yourself: 'python -m lab up', then see 'Try it by hand' in README.md.")
    return 0


def story(lab: dict[str, Any], folder: Path) -> None:
    """Before, during and after maintenance.

    :raises DemoError: a user saw something unexpected.
    """
    listener = lab["oci"]["load_balancers"]["checkout"]["listeners"]["http"]["url"]
    shop = urljoin(listener, "cart?item=1")
    inventory = ("-i", str(folder / "inventory.yml"), "-l", "checkout")

    heading("1. Before: the shop is open")
    expect(browse(shop), [200])

    heading("2. An operator starts a database upgrade and puts the maintenance page in front of the shop")
    reason = ("-e", "maintenance_owner=change:CHG-1234", "-e", "maintenance_reason='Database upgrade'")
    run("ansible-playbook tidegate.failover.enter_maintenance", *inventory, *reason)

    heading("3. During: every address of the shop leads to the page, which says when to come back")
    page = expect(browse(shop), [302, 503])
    if "retry-after" not in page.headers:
        raise DemoError("the maintenance page has no Retry-After header")

    heading("4. Meanwhile an alarm goes off, and a little later it recovers")
    alarm = ("-e", "maintenance_owner=alarm:backends")
    run("ansible-playbook tidegate.failover.enter_maintenance", *inventory, *alarm)
    run("ansible-playbook tidegate.failover.exit_maintenance", *inventory, *alarm)
    say("The page stays, because the operator still holds it. That is what a user sees:")
    expect(browse(shop), [302, 503])

    heading("5. The upgrade is done, and the operator takes the page away")
    run("ansible-playbook tidegate.failover.exit_maintenance", *inventory, *reason[:2])

    heading("6. After: the shop is open again")
    expect(browse(shop), [200])


def browse(url: str) -> list[Answer]:
    """Request a page as a browser does, following redirects, and show every answer."""
    answers: list[Answer] = []
    while len(answers) < MOST_REDIRECTS and (not answers or answers[-1].status in REDIRECTS):
        url = urljoin(url, answers[-1].headers["location"]) if answers else url
        answers.append(get(url))
        show(answers[-1])
    return answers


def get(url: str) -> Answer:
    """One request over HTTP, no redirect followed."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    try:
        connection.request("GET", f"{place.path}?{place.query}" if place.query else place.path)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(url, response.status, response.reason, headers, response.read().decode())
    finally:
        connection.close()


def show(answer: Answer) -> None:
    """Print an answer as a person would sum it up."""
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
    """Check what a user saw, and return the last of it.

    :raises DemoError: it was something else.
    """
    seen = [answer.status for answer in answers]
    if seen != statuses:
        raise DemoError(f"a user should have seen {statuses}, but saw {seen}")
    return answers[-1]


def run(command: str, *arguments: str, quiet: bool = False) -> None:
    """Run a command and show its output, indented.

    :raises DemoError: it failed.
    """
    if not quiet:
        shown = [argument if "/" not in argument else Path(argument).name for argument in arguments]
        print(f"    $ {' '.join([command, *shown])}")
    environment = os.environ | {"ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false", "ANSIBLE_NOCOLOR": "true"}
    words = [*command.split(), *arguments]
    words[0] = sys.executable if words[0] == "python" else words[0]
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if not quiet or done.returncode:
        for line in filter(str.strip, done.stdout.splitlines() + done.stderr.splitlines()):
            print(f"    | {line.rstrip(' *')}")
    if done.returncode:
        raise DemoError(f"'{command}' ended with {done.returncode}")


def heading(text: str) -> None:
    """Begin a new part of the story."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def say(text: str) -> None:
    """Tell something in a paragraph."""
    print(f"\n{textwrap.fill(text, WIDTH)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
