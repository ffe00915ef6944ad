# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``http``: a web server answers as expected."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, UnreachableError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import (
    CONNECTION_CONSTRAINTS,
    Answer,
    Request,
    check_request,
    connection_options,
    fetch,
    request_to,
    shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)


def check(options: Values) -> None:
    """Refuse an address, a header or a pattern that could not work."""
    check_request("url", _request(options))
    if not options["status"]:
        raise RefusedError("status is empty. Name the statuses that pass.")
    if options["method"] == "HEAD" and (options["contains"] or options["regex"]):
        raise RefusedError("method is HEAD, whose answers have no body. Use GET to look for something in it.")
    try:
        re.compile(options["regex"] or "")
    except re.error as problem:
        raise RefusedError(f"regex is {options['regex']!r}, which is no regular expression: {problem}.") from problem


def expected(options: Values) -> str:
    """What the gate wants to see."""
    statuses = " or ".join(str(status) for status in options["status"])
    parts = [f"{statuses} from {shown(options['url'])}"]
    if options["contains"]:
        parts.append(f"with {options['contains']!r} in it")
    if options["regex"]:
        parts.append(f"matching {options['regex']!r}")
    return ", ".join(parts)


def observe(options: Values, look: Look) -> Observation:
    """Ask once, and judge the answer."""
    try:
        answer = fetch(_request(options), min(look.limit, options["attempt_timeout"]))
    except UnreachableError as problem:
        return Observation(False, str(problem), f"Bring up what should answer at {shown(options['url'])}.")
    return judge(options, answer)


def judge(options: Values, answer: Answer) -> Observation:
    """What an answer means."""
    observed = f"{answer.status}"
    if answer.location:
        observed += f", a redirect to {shown(answer.location)}"
    if answer.status not in options["status"]:
        return Observation(False, observed, f"Look into why {shown(options['url'])} answers that.")
    if options["contains"] and options["contains"] not in answer.text:
        return _without(options, f"{observed}, without {options['contains']!r} in {len(answer.text)} characters")
    if options["regex"] and not re.search(options["regex"], answer.text):
        return _without(
            options, f"{observed}, and {len(answer.text)} characters that do not match {options['regex']!r}"
        )
    return Observation(True, observed)


def _without(options: Values, observed: str) -> Observation:
    return Observation(False, observed, f"Compare what {shown(options['url'])} answers with what the gate looks for.")


def _request(options: Values) -> Request:
    return replace(
        request_to(options["url"], options),
        method=options["method"],
        follow_redirects=options["follow_redirects"],
    )


KIND = GateKind(
    name="http",
    description="""
        Passes if a web server answers with an expected status, and with an expected content where that is asked for.

        Ask the site itself, by a name or address of its own: what clients use leads to the site that serves now.

        What else could make it pass: the other site, where the name leads there; a proxy, a content delivery network or
        a maintenance page that answers with an expected status in the site's place. Redirects are not followed, and a
        fresh answer is asked for. Give O(gates[].http.contains) with something that only the site itself says, such as
        its name, switch O(gates[].http.use_proxy) off where no proxy is on the way, and name no more statuses than
        needed. It proves that something answers there, and nothing about its data.""",
    options={
        "url": {
            "description": """
                The address to ask. Its query is not shown in results; credentials belong into
                O(gates[].http.url_username) and O(gates[].http.url_password), or O(gates[].http.headers).""",
            "type": "str",
            "required": True,
        },
        "method": {
            "description": "The method of the request.",
            "type": "str",
            "choices": ["GET", "HEAD"],
            "default": "GET",
        },
        "status": {
            "description": "The statuses that pass.",
            "type": "list",
            "elements": "int",
            "default": [200],
        },
        "contains": {
            "description": "A text that the answer has to contain, in its first mebibyte.",
            "type": "str",
        },
        "regex": {
            "description": "A regular expression of Python's that has to match somewhere in the answer, likewise.",
            "type": "str",
        },
        "follow_redirects": {
            "description": """
                Whether to follow redirects and judge the last answer. If not, a redirect is an answer like others, and
                passes only if O(gates[].http.status) names it. So a redirect to a maintenance page does not pass.""",
            "type": "bool",
            "default": False,
        },
        **connection_options("http"),
        "attempt_timeout": {"description": "Seconds that one look may take.", "type": "int", "default": 10},
    },
    expected=expected,
    observe=observe,
    check=check,
    constraints=CONNECTION_CONSTRAINTS,
)
