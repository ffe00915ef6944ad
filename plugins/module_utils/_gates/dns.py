# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``dns``: every name server answers as expected."""

from __future__ import annotations

import ipaddress
import re
import socket
import typing as t
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
    missing_library,
)

_ADDRESSES = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(\d+))?")
_PORT = 53


@dataclass(frozen=True)
class Answer:
    """What one name server answered: the records, or why there are none."""

    records: frozenset[str]
    problem: str = ""


def check(options: Values) -> None:
    """Refuse an invalid name, server or answer."""
    if not options["name"].strip(" ."):
        raise RefusedError("name is empty, which would query the DNS root. Give the name to query.")
    for server in options["servers"] or ():
        read_server(server)
    if options["servers"] is not None and not options["servers"]:
        raise RefusedError("servers is empty. Name the servers to query, or omit the option.")
    if options["answers"] is not None and not options["answers"]:
        raise RefusedError("answers is empty. Name what passes, or omit the option to accept any answer.")
    for answer in options["answers"] or ():
        if not answer.strip():
            raise RefusedError("answers holds an empty text. Name what passes, or omit the option.")
        normal(options["type"], answer)


def read_server(text: str) -> tuple[str, int]:
    """Host and port of a name server.

    :raises RefusedError: the text does not name one.
    """
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or str(_PORT)
    elif text.count(":") == 1:
        host, _colon, port = text.partition(":")
    else:
        host, port = text, str(_PORT)
    if not host.strip() or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise RefusedError(
            f"servers names {text!r}. Name a server as in '192.0.2.53', '192.0.2.53:5353', '[2001:db8::53]:5353' or "
            "'ns1.example.com'."
        )
    return host, int(port)


def normal(type: str, answer: str) -> str:
    """An answer in a normal form, so that two answers with the same meaning are equal.

    :raises RefusedError: no record of this type can have this value.
    """
    if type not in _ADDRESSES:
        return answer if type == "TXT" else answer.rstrip(".").lower()
    try:
        return str(_ADDRESSES[type](answer))
    except ValueError as problem:
        raise RefusedError(f"answers names {answer!r}, which no record of type {type} can hold.") from problem


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    what = f"{options['name']} {options['type']}"
    if options["answers"] is None:
        reported = f"answers for {what}"
    elif options["match"] == "exact":
        reported = f"{_listed(options['answers'])} for {what}"
    else:
        reported = f"nothing but {' or '.join(options['answers'])} for {what}"
    servers = "the system's name servers" if options["servers"] is None else _listed(options["servers"])
    return f"{reported} from {servers}{', the same from each' if options['consistent'] else ''}"


def observe(options: Values, probe: Probe) -> Observation:
    """Query every server once, in parallel, and judge the answers."""
    dns = _dnspython()
    if dns is None:
        return missing_library("dnspython", "the gate dns")
    try:
        servers = options["servers"] or [str(server) for server in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        return Observation(False, "the system has no name servers", "Name the servers to query in the option servers.")
    limit = min(probe.limit, options["attempt_timeout"])
    with ThreadPoolExecutor(max_workers=len(servers)) as threads:
        answers = list(threads.map(partial(_ask, dns, options, limit), servers))
    return judge(options, dict(zip(servers, answers, strict=True)))


def judge(options: Values, answers: Mapping[str, Answer]) -> Observation:
    """Judge the answers of all servers."""
    wanted = {normal(options["type"], answer) for answer in options["answers"] or ()}
    wrong = [server for server, found in answers.items() if not _passes(options, wanted, found)]
    observed = "; ".join(f"{_reported(found)} from {server}" for server, found in answers.items())
    if wrong:
        remedy = f"Check the records that {_listed(wrong)} serves. After a change, caches keep answers for their TTL."
        return Observation(False, observed, remedy)
    if options["consistent"] and len(set(answers.values())) > 1:
        remedy = "Wait until all servers have the same records, or set consistent to false where they may differ."
        return Observation(False, observed, remedy)
    return Observation(True, observed)


def _passes(options: Values, wanted: set[str], found: Answer) -> bool:
    if options["answers"] is None:
        return bool(found.records)
    if options["match"] == "exact":
        return found.records == wanted
    return bool(found.records) and found.records <= wanted


def _dnspython() -> t.Any:
    """The library, or None. It is optional: only this kind needs it."""
    try:
        import dns.resolver
    except ImportError:
        return None
    return dns


def _ask(dns: t.Any, options: Values, limit: float, server: str) -> Answer:
    host, port = read_server(server)
    resolver = dns.resolver.Resolver(configure=False)
    try:
        resolver.nameservers = [_address(host)]
        resolver.port = port
        answer = resolver.resolve(options["name"], options["type"], search=False, lifetime=limit)
    except dns.resolver.NXDOMAIN:
        return _without("no such name")
    except dns.resolver.NoAnswer:
        return _without(f"no {options['type']} record")
    except dns.resolver.LifetimeTimeout:
        return _without(f"no answer within {limit:.3g} s")
    except dns.resolver.NoNameservers as problem:
        return _without(f"a refusal ({_rcode(dns, problem)})")
    except (dns.exception.DNSException, OSError) as problem:
        return _without(f"no answer ({problem})")
    return Answer(frozenset(normal(options["type"], _text(record)) for record in answer))


def _without(problem: str) -> Answer:
    return Answer(frozenset(), problem)


def _address(host: str) -> str:
    """The address of a server: users may give names, but the library needs addresses."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])


def _rcode(dns: t.Any, problem: t.Any) -> str:
    """The response code of the server, such as REFUSED or SERVFAIL. The library keeps it in the error."""
    responses = [error[4] for error in problem.kwargs.get("errors", ()) if error[4] is not None]
    return dns.rcode.to_text(responses[-1].rcode()) if responses else "without a response code"


def _text(record: t.Any) -> str:
    """A record as users write it: texts without quotes, and joined."""
    strings = getattr(record, "strings", None)
    return b"".join(strings).decode(errors="replace") if strings is not None else str(record.to_text())


def _reported(found: Answer) -> str:
    return found.problem or _listed(sorted(found.records))


def _listed(things: Sequence[str]) -> str:
    return ", ".join(things)


KIND = GateKind(
    name="dns",
    description="""
        Passes if name servers answer with the expected records. Each server is queried, so that the gate finds a server
        that is not up to date.

        What else could make it pass:

        An answer from a cache, which may be old or may expire soon. Give the authoritative servers of the zone in
        O(gates[].dns.servers). The name servers of the system usually answer from a cache.

        A wrong name. Search domains are not used, and an empty name is refused.

        Any answer where O(gates[].dns.answers) is not given, such as that of a wildcard or of a provider's search page.

        Several records, only one of which matches. All records have to be in O(gates[].dns.answers). With
        O(gates[].dns.match=exact) all values of the option have to be there too. With O(gates[].dns.match=subset) one
        of them is enough.

        No answer, no such name, or no record of that type. The gate fails, also with O(gates[].dns.match=subset). Other
        types are not queried: addresses of type V(AAAA) need their own gate.

        An alias that leads to the right address. With the types V(A) and V(AAAA) the gate follows aliases. To check the
        alias itself, query V(CNAME).

        Only one of several servers. Each server has to pass. But if a server's name has several addresses, the gate
        queries only the first one.

        An answer that only this machine gets, with split or geographic DNS, or one that was forged on the way. The gate
        does not query from elsewhere, and does not validate DNSSEC.""",
    options={
        "name": {"description": "The name to query, without search domains.", "type": "str", "required": True},
        "type": {
            "description": "The type of the records.",
            "type": "str",
            "choices": ["A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"],
            "default": "A",
        },
        "answers": {
            "description": """
                The expected values of the records. The letter case of names, a dot at their end and the order of
                records do not matter.

                If not given, any answer passes.""",
            "type": "list",
            "elements": "str",
        },
        "match": {
            "description": """
                V(exact) passes if the answer is all of O(gates[].dns.answers) and nothing else.

                V(subset) passes if all values of the answer are in O(gates[].dns.answers), even if some of these are
                missing. Use it where each query gets only one of the records.""",
            "type": "str",
            "choices": ["exact", "subset"],
            "default": "exact",
        },
        "servers": {
            "description": """
                The name servers to query, each as an address or name, with a port after a colon if that is not 53.
                Write an IPv6 address with a port in brackets.

                If not given, the name servers of the system, which may answer from their caches.""",
            "type": "list",
            "elements": "str",
        },
        "consistent": {
            "description": "Whether all servers have to give the same answer.",
            "type": "bool",
            "default": True,
        },
        "attempt_timeout": {"description": "Seconds that one probe may take.", "type": "int", "default": 5},
    },
    expected=expected,
    observe=observe,
    check=check,
    requirements=("dnspython >= 2.2, for gates of kind C(dns)",),
)
