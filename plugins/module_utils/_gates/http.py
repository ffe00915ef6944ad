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
    Observation,
    Probe,
    Values,
)

#: Seconds. An answer that has been in a cache for longer does not show the present state of the server.
OLDEST_ANSWER = 10


def check(options: Values) -> None:
    """Refuse an invalid address, header or pattern."""
    check_request("url", _request(options))
    for name in ("contains", "regex"):
        if options[name] is not None and not options[name].strip():
            raise RefusedError(
                f"{name} is empty, so every answer would pass. Give the text to find, or omit the option."
            )
    if not options["status"]:
        raise RefusedError("status is empty. Name the statuses that pass.")
    if options["method"] == "HEAD" and (options["contains"] or options["regex"]):
        raise RefusedError("method is HEAD, whose answers have no body. Use GET to check the body.")
    if options["regex"]:
        _check_regex(options["regex"])


def _check_regex(regex: str) -> None:
    try:
        pattern = re.compile(regex)
    except re.error as problem:
        raise RefusedError(f"regex is {regex!r}, which is no regular expression: {problem}.") from problem
    if pattern.search("") and pattern.search("\0"):
        raise RefusedError(f"regex is {regex!r}, which matches every answer. Give one that matches only the right one.")


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    statuses = " or ".join(str(status) for status in options["status"])
    parts = [f"{statuses} from {shown(options['url'])}"]
    if options["contains"]:
        parts.append(f"with {options['contains']!r} in it")
    if options["regex"]:
        parts.append(f"matching {options['regex']!r}")
    return ", ".join(parts)


def observe(options: Values, probe: Probe) -> Observation:
    """Send one request, and judge the answer."""
    try:
        answer = fetch(_request(options), min(probe.limit, options["attempt_timeout"]))
    except UnreachableError as problem:
        return Observation(False, str(problem), f"Start the service that should answer at {shown(options['url'])}.")
    return judge(options, answer)


def judge(options: Values, answer: Answer) -> Observation:
    """Judge an answer."""
    observed = f"{answer.status}"
    if answer.location:
        observed += f", a redirect to {shown(answer.location)}"
    if answer.status not in options["status"]:
        return Observation(False, observed, f"Find out why {shown(options['url'])} answers that.")
    if answer.age > OLDEST_ANSWER:
        remedy = "Ask the site itself, not through a cache, or configure the cache not to store this address."
        return Observation(False, f"{observed}, from a cache that has had it for {answer.age} s", remedy)
    if options["contains"] and options["contains"] not in answer.text:
        return _without(options, f"{observed}, without {options['contains']!r} in {len(answer.text)} characters")
    if options["regex"] and not re.search(options["regex"], answer.text):
        return _without(
            options, f"{observed}, and {len(answer.text)} characters that do not match {options['regex']!r}"
        )
    return Observation(True, observed)


def _without(options: Values, observed: str) -> Observation:
    return Observation(False, observed, f"Compare what {shown(options['url'])} answers with what the gate expects.")


def _request(options: Values) -> Request:
    return replace(
        request_to(options["url"], options),
        method=options["method"],
        follow_redirects=options["follow_redirects"],
    )


KIND = GateKind(
    name="http",
    description="""
        Passes if a web server answers with an expected status, and with the expected content if one is given.

        Ask the site itself, by its own name or address: the name that clients use leads to the site that serves now.

        What else could make it pass:

        The other site, if the address is the one that clients use, or a name that moves. The gate cannot distinguish
        two sites. Give an address that leads to the returning site only, and check for a text that only this site
        sends.

        A maintenance page, a login page, an error page or a captive portal with an expected status. Give
        O(gates[].http.contains) or O(gates[].http.regex), with a text that only the healthy application sends. Many
        pages contain a short text such as V(UP). The regular expression V(^UP$) is more exact.

        A redirect that leads to such a page. Redirects are not followed, unless O(gates[].http.follow_redirects) is
        set. Then the last answer counts, from any server.

        A list of statuses that is too wide. Every status in O(gates[].http.status) passes, also 404 or 503.

        An empty text or a pattern that matches everything. The gate refuses these.

        An answer from a cache. The request forbids that, and an answer whose header C(Age) is above 10 seconds fails.
        The gate cannot detect a cache that ignores the request header and sends no C(Age).

        A proxy of the environment that answers by itself. Set O(gates[].http.use_proxy=false).

        Another server in between. With C(http), or with O(gates[].http.validate_certs=false), anyone can answer.

        An address that does not check what the application needs, such as its database. Ask an address that checks
        it.""",
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
            "description": "A Python regular expression that has to match in the first mebibyte of the answer.",
            "type": "str",
        },
        "follow_redirects": {
            "description": """
                Whether to follow redirects and judge the last answer. If not, a redirect is judged like any other
                answer, and passes only if O(gates[].http.status) names it. So a redirect to a maintenance page does not
                pass.""",
            "type": "bool",
            "default": False,
        },
        **connection_options("http"),
        "attempt_timeout": {"description": "Seconds that one probe may take.", "type": "int", "default": 10},
    },
    expected=expected,
    observe=observe,
    check=check,
    constraints=CONNECTION_CONSTRAINTS,
)
