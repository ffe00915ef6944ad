# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A request for maintenance on listeners of one load balancer, and the checks that do not read it."""

from __future__ import annotations

import ipaddress
import json
import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.conditions import (
    HEADER,
    PATH,
    SOURCE,
    Condition,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import Page
from ansible_collections.tidegate.failover.plugins.module_utils._content import limits
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content, content_of
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import (
    plain_text,
    problem,
    short_html_page,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError

Json = dict[str, t.Any]
Given = Mapping[str, t.Any]

_ARN = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:(?P<region>[a-z0-9-]+):\d{12}:"
    r"(?P<what>loadbalancer|listener)/(?P<kind>app|net|gwy)/(?P<name>[A-Za-z0-9-]+)/[0-9a-f]+(?:/[0-9a-f]+)?"
)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_PATTERN = re.compile(r"[/*?][A-Za-z0-9_.$/~\"'@:+&*?;-]{0,127}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")
#: The module's values for options that an ALB page does not have.
_CONTENT: Json = {
    "translations": [],
    "answer": "unavailable",
    "default_format": "html",
    "error_code": "MAINTENANCE",
    "retry_after": 3600,
    "cache_control": "no-store",
}
_UNAVAILABLE = "503"
_SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Selection:
    """Listeners of one load balancer.

    :ivar load_balancer: its name or its ARN.
    :ivar listeners: their ARNs; empty where ports choose them.
    """

    load_balancer: str
    listeners: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()

    @property
    def region(self) -> str | None:
        """The region, where an ARN names it."""
        found = _ARN.fullmatch(self.load_balancer)
        return found["region"] if found else None


@dataclass(frozen=True)
class Request:
    """Maintenance entered (``enabled``) or exited on listeners, by an owner.

    :ivar page: the page that users get; None to exit.
    :ivar since: the time of a new hold, as ``YYYY-MM-DDTHH:MM:SSZ``.
    :ivar move_rules: whether rules of others may be moved for a while to make room.
    :ivar only_if_backends: ``down`` or ``serving``, if the request only counts while the backends are in this state.
    :ivar event_time: the time of the event that caused the request, in the form of ``since``.
    """

    enabled: bool
    owner: str
    since: str
    reason: str = ""
    page: Page | None = None
    move_rules: bool = True
    force: bool = False
    only_if_backends: str | None = None
    event_time: str | None = None


def selection_from(given: Given) -> Selection:
    """The listeners that ``load_balancer`` and ``ports``, or ``listeners``, describe.

    :raises RefusedError: they do not name listeners of one Application Load Balancer.
    """
    listeners, ports, balancer = given.get("listeners"), given.get("ports"), given.get("load_balancer")
    if listeners is not None:
        return _by_arn(listeners)
    if not ports:
        raise OptionError("ports is not given. Name the ports of the listeners that should show the page, such as 443.")
    wrong = [port for port in ports if not 1 <= port <= 65535]
    if wrong:
        raise OptionError(f"ports has {wrong[0]}. A port is a number from 1 to 65535.")
    _check_balancer(str(balancer))
    return Selection(str(balancer), ports=tuple(dict.fromkeys(ports)))


def _check_balancer(given: str) -> None:
    found = _ARN.fullmatch(given)
    if found and found["what"] == "loadbalancer":
        _check_kind(given, found["kind"])
    elif not _NAME.fullmatch(given):
        raise OptionError(f"load_balancer is {given!r}. Give the name or the ARN of an Application Load Balancer.")


def _by_arn(listeners: Sequence[str]) -> Selection:
    if not listeners:
        raise OptionError("listeners is empty. Give the ARN of at least one listener, or load_balancer and ports.")
    balancers = set()
    for arn in listeners:
        found = _ARN.fullmatch(arn)
        if not found or found["what"] != "listener":
            raise OptionError(f"listeners has {arn!r}, which is not the ARN of a listener.")
        _check_kind(arn, found["kind"])
        balancers.add(arn.rpartition("/")[0].replace(":listener/", ":loadbalancer/"))
    if len(balancers) > 1:
        raise OptionError(
            "listeners has listeners of several load balancers. Give one target for each load balancer in targets."
        )
    return Selection(balancers.pop(), listeners=tuple(dict.fromkeys(listeners)))


def _check_kind(arn: str, kind: str) -> None:
    if kind != "app":
        name = "Network" if kind == "net" else "Gateway"
        raise RefusedError(
            f"{arn} is of a {name} Load Balancer. It forwards packets and has no rules that answer requests. Give a "
            "listener of an Application Load Balancer.",
            code="TG-WRONG-OBJECT",
        )


def page_from(given: Given) -> Page:
    """The page that the options describe.

    :raises OptionError: an Application Load Balancer cannot show this page, or an option is not valid.
    """
    if given.get("redirect_url"):
        _check_only_redirect(given)
        return Page(_redirect(given["redirect_url"]), exemptions=tuple(_exemptions(given)))
    reported = {name: given.get(name) for name in ("title", "text", "contact")}
    content = content_of({**_CONTENT, **reported, "language": given.get("language") or "en"})
    html = given.get("html") or short_html_page(content, content.texts[0])
    _check_body("html" if given.get("html") else "The page", html)
    return Page(_fixed("text/html", html), tuple(_answers(given, content)), exemptions=tuple(_exemptions(given)))


def _check_only_redirect(given: Given) -> None:
    besides = [name for name in ("title", "text", "contact", "html", "json_paths", "text_paths") if given.get(name)]
    if besides:
        raise OptionError(f"redirect_url is given, so there is no page with {besides[0]}. Remove one of them.")


def _answers(given: Given, content: Content) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The page in other formats than HTML. A rule cannot match exactly what a client accepts, so paths decide."""
    # JSON is escaped to ASCII, because a content type of ALB has no charset.
    forms = {
        "json_paths": ("application/json", _json(problem(content, content.texts[0]))),
        "text_paths": ("text/plain", plain_text(content, content.texts[0])),
    }
    for option, (content_type, body) in forms.items():
        patterns = given.get(option) or ()
        _check_patterns(option, patterns)
        if patterns:
            _check_body(f"The answer for {option}", body)
            yield tuple(dict.fromkeys(patterns)), _fixed(content_type, body)


def _json(document: t.Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def _check_body(what: str, body: str) -> None:
    for excess in limits.excess(what, limits.size(body), limits.ALB_BODY, "an ALB fixed response"):
        raise OptionError(f"{excess} Make it shorter, or redirect to a page elsewhere with redirect_url.")


def _fixed(content_type: str, body: str) -> Json:
    response = {"StatusCode": _UNAVAILABLE, "ContentType": content_type, "MessageBody": body}
    return {"Type": "fixed-response", "FixedResponseConfig": response}


def _redirect(url: str) -> Json:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise OptionError(f"redirect_url is {url!r}. Expected an address such as https://status.example.com/shop.")
    pieces = {"Host": parts.hostname, "Path": parts.path or "/", "Query": parts.query}
    long = [name for name, piece in pieces.items() if len(piece) > 128]
    if long or not parts.hostname.isascii():
        raise OptionError(
            "redirect_url cannot be a redirect of an ALB. Host, path and query can each have 128 characters in ASCII."
        )
    config = {"Protocol": parts.scheme.upper(), "Port": str(port), **pieces, "StatusCode": "HTTP_302"}
    return {"Type": "redirect", "RedirectConfig": config}


def _exemptions(given: Given) -> Iterator[Condition]:
    paths, addresses = given.get("exempt_paths") or (), given.get("tester_addresses") or ()
    _check_patterns("exempt_paths", paths)
    if paths:
        yield Condition(PATH, tuple(dict.fromkeys(paths)))
    if addresses:
        yield Condition(SOURCE, tuple(dict.fromkeys(_network(address) for address in addresses)))
    name, secret = given.get("tester_header"), given.get("tester_secret")
    if bool(name) != bool(secret):
        raise OptionError("tester_header and tester_secret go together: the name of a header, and its secret value.")
    if name and secret:
        _check_secret(str(name), str(secret))
        yield Condition(HEADER, (str(secret),), str(name).lower())


def _check_patterns(option: str, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise OptionError(
                f"{option} has {pattern!r}, which cannot be the path pattern of an ALB rule. Expected at most 128 "
                "characters such as /health or /webhooks/*."
            )
    if option == "exempt_paths" and any(not pattern.strip("/*") for pattern in patterns):
        raise OptionError("exempt_paths has a pattern for all paths, so nobody would get the page. Remove it.")


def _network(address: str) -> str:
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        network = None
    if network is None or network.prefixlen == 0:
        raise OptionError(
            f"tester_addresses has {address!r}. Expected an address or a range such as 192.0.2.0/24, and not all."
        )
    return str(network)


def _check_secret(name: str, secret: str) -> None:
    """Check header and secret. The error never contains the secret."""
    if not _HEADER_NAME.fullmatch(name) or name.lower() == "host":
        raise OptionError(f"tester_header is {name!r}, which cannot be the header of an ALB rule. Host cannot be one.")
    plain = secret.isascii() and secret.isprintable() and not set(secret) & {"*", "?", "\\", " "}
    if not plain or not _SHORTEST_SECRET <= len(secret) <= 128:
        raise OptionError(
            f"tester_secret has {len(secret)} characters. Expected {_SHORTEST_SECRET} to 128 letters, digits and signs "
            "without * and ?, which are wildcards of an ALB rule. Capitals and small letters are the same to a rule."
        )
