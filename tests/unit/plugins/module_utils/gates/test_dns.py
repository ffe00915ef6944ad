# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A DNS gate queries every server separately, and passes if each answers as expected."""

from __future__ import annotations

import builtins
import socket
import threading
import typing as t
from collections.abc import Iterator
from contextlib import ExitStack

import dns.resolver
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.dns import (
    KIND,
    Answer,
    judge,
    normal,
    read_server,
)
from dnslib import QTYPE, RCODE, RR
from dnslib.server import BaseResolver, DNSServer

from .gates import NOW, options_of, seen_by

NAME = "checkout.example.com"
HERE, THERE = "192.0.2.1", "198.51.100.1"
ONE, OTHER = "192.0.2.53", "198.51.100.53"


class Zone(BaseResolver):
    """Answers with the records of the type asked for; ``rcode`` instead of them if it is set."""

    def __init__(self, *records: str, rcode: str = "NOERROR") -> None:
        self.records, self.rcode = records, rcode

    def resolve(self, request: t.Any, _handler: object) -> t.Any:
        reply = request.reply()
        reply.header.rcode = getattr(RCODE, self.rcode)
        for record in self.records:
            for found in RR.fromZone(record):
                if QTYPE[found.rtype] == QTYPE[request.q.qtype]:
                    reply.add_answer(found)
        return reply


class Asked(Zone):
    """Remembers the names that it was asked for."""

    def __init__(self, *records: str, rcode: str = "NOERROR") -> None:
        super().__init__(*records, rcode=rcode)
        self.names: list[str] = []

    def resolve(self, request: t.Any, handler: object) -> t.Any:
        self.names.append(str(request.q.qname))
        return super().resolve(request, handler)


class Alias(Zone):
    """Answers with all of its records, like servers that resolve aliases."""

    def resolve(self, request: t.Any, _handler: object) -> t.Any:
        reply = request.reply()
        for record in self.records:
            reply.add_answer(*RR.fromZone(record))
        return reply


class Servers:
    """Name servers on loopback."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, zone: Zone) -> str:
        server = DNSServer(zone, port=0, address="127.0.0.1").server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)
        return f"127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


def given(**more: t.Any) -> dict[str, t.Any]:
    return options_of(KIND, name=NAME, **more)


@pytest.mark.parametrize(
    ("options", "answers", "passed"),
    [
        ({"answers": [HERE]}, [{HERE}], True),
        ({"answers": [HERE]}, [{THERE}], False),
        ({"answers": [HERE]}, [{HERE, THERE}], False),
        ({"answers": [HERE, THERE]}, [{HERE}], False),
        ({"answers": [HERE, THERE], "match": "subset"}, [{HERE}], True),
        ({"answers": [HERE], "match": "subset"}, [{HERE, THERE}], False),
        ({"answers": [HERE], "match": "subset"}, [set()], False),
        ({}, [{HERE}], True),
        ({}, [set()], False),
        ({}, [{HERE}, {HERE}], True),
        ({}, [{HERE}, {THERE}], False),
        ({"consistent": False}, [{HERE}, {THERE}], True),
        ({"answers": [HERE]}, [{HERE}, None], False),
        ({"consistent": False}, [{HERE}, None], False),
    ],
)
def test_all_servers_have_to_answer_as_expected(
    options: dict[str, t.Any], answers: list[set[str] | None], passed: bool
) -> None:
    found = [Answer(frozenset(answer or ()), "" if answer else "no such name") for answer in answers]
    seen = judge(given(**options), dict(zip((ONE, OTHER), found, strict=False)))
    assert seen.passed is passed
    assert bool(seen.remedy) is not passed


def test_what_each_server_answered_is_reported() -> None:
    seen = judge(given(answers=[HERE]), {ONE: Answer(frozenset({HERE})), OTHER: Answer(frozenset(), "no such name")})
    assert seen.observed == f"{HERE} from {ONE}; no such name from {OTHER}"
    assert OTHER in seen.remedy
    assert ONE not in seen.remedy


@pytest.mark.parametrize(
    ("type", "record", "answer"),
    [
        ("A", "A 192.0.2.1", "192.0.2.1"),
        ("AAAA", "AAAA 2001:db8::1", "2001:DB8:0::1"),
        ("CNAME", "CNAME Primary.example.com.", "primary.example.com"),
        ("TXT", 'TXT "serves " "Here"', "serves Here"),
        ("MX", "MX 10 mail.example.com.", "10 mail.example.com"),
    ],
)
def test_records_are_compared_as_people_write_them(servers: Servers, type: str, record: str, answer: str) -> None:
    server = servers.start(Zone(f"{NAME}. 60 IN {record}"))
    seen = seen_by(KIND, name=NAME, type=type, answers=[answer], servers=[server])
    assert seen.passed, seen


def test_search_domains_of_the_machine_are_not_used(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Asked(rcode="NXDOMAIN")
    monkeypatch.setenv("LOCALDOMAIN", "corp.example.com")
    assert not seen_by(KIND, name="checkout", servers=[servers.start(zone)]).passed
    assert set(zone.names) == {"checkout."}


def test_an_alias_passes_by_the_address_that_it_leads_to(servers: Servers) -> None:
    server = servers.start(Alias(f"{NAME}. 60 IN CNAME primary.example.com.", f"primary.example.com. 60 IN A {HERE}"))
    assert seen_by(KIND, name=NAME, answers=[HERE], servers=[server]).passed
    assert not seen_by(KIND, name=NAME, type="CNAME", answers=["backup.example.com"], servers=[server]).passed


def test_a_record_of_another_type_is_no_answer(servers: Servers) -> None:
    server = servers.start(Zone(f"{NAME}. 60 IN A {HERE}"))
    assert seen_by(KIND, name=NAME, type="AAAA", servers=[server]).observed == f"no AAAA record from {server}"


def test_a_server_that_lags_behind_is_found(servers: Servers) -> None:
    new, old = servers.start(Zone(f"{NAME}. 60 IN A {HERE}")), servers.start(Zone(f"{NAME}. 60 IN A {THERE}"))
    seen = seen_by(KIND, name=NAME, answers=[HERE], servers=[new, old])
    assert (seen.passed, seen.observed) == (False, f"{HERE} from {new}; {THERE} from {old}")


@pytest.mark.parametrize(
    ("rcode", "observed"),
    [("NXDOMAIN", "no such name"), ("NOERROR", "no A record"), ("SERVFAIL", "a refusal (SERVFAIL)")],
)
def test_a_server_without_an_answer_fails(servers: Servers, rcode: str, observed: str) -> None:
    server = servers.start(Zone(rcode=rcode))
    seen = seen_by(KIND, name=NAME, servers=[server])
    assert (seen.passed, seen.observed) == (False, f"{observed} from {server}")


def test_a_server_that_says_nothing_fails_in_time() -> None:
    # Port 9 discards what it gets, and nobody listens there either.
    seen = KIND.observe(given(servers=["127.0.0.1:9"]), Probe(NOW, 0.05))
    assert not seen.passed
    assert "from 127.0.0.1:9" in seen.observed


def test_a_server_can_be_called_by_its_name(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    port = servers.start(Zone(f"{NAME}. 60 IN A {HERE}")).rpartition(":")[2]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_name, **_more: [(0, 0, 0, "", ("127.0.0.1", 0))])
    assert seen_by(KIND, name=NAME, answers=[HERE], servers=[f"ns1.example.com:{port}"]).passed


def test_a_server_whose_name_leads_nowhere_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_name: object, **_more: object) -> t.NoReturn:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    seen = seen_by(KIND, name=NAME, servers=["ns1.example.com"])
    assert (seen.passed, seen.observed) == (False, "no answer (Name or service not known) from ns1.example.com")


def test_a_name_that_cannot_be_fails() -> None:
    seen = seen_by(KIND, name="a..example.com", servers=["127.0.0.1:9"])
    assert not seen.passed


def test_i7_without_the_library_it_fails_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def without(name: str, *more: t.Any) -> t.Any:
        if name == "dns.resolver":
            raise ImportError(name)
        return really(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    seen = seen_by(KIND, name=NAME)
    assert (seen.passed, seen.final) == (False, True)
    assert "pip install dnspython" in seen.remedy


def test_a_system_without_name_servers_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_arguments: object) -> t.NoReturn:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", nothing)
    seen = seen_by(KIND, name=NAME)
    assert (seen.passed, seen.observed) == (False, "the system has no name servers")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
        ("ns1.example.com", ("ns1.example.com", 53)),
        ("ns1.example.com:54", ("ns1.example.com", 54)),
    ],
)
def test_servers_are_named_by_address_or_name_and_port(text: str, server: tuple[str, int]) -> None:
    assert read_server(text) == server


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"servers": []}, "servers is empty"),
        ({"answers": []}, "answers is empty"),
        ({"answers": [""], "type": "CNAME"}, "answers holds an empty text"),
        ({"name": ""}, "name is empty"),
        ({"name": "."}, "name is empty"),
        ({"servers": ["192.0.2.53:0"]}, "servers names '192.0.2.53:0'"),
        ({"servers": ["192.0.2.53:dns"]}, "servers names"),
        ({"servers": [" "]}, "servers names"),
        ({"answers": ["primary.example.com"]}, "no record of type A can hold"),
        ({"type": "AAAA", "answers": [HERE]}, "no record of type AAAA can hold"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        KIND.check(options_of(KIND, **{"name": NAME, **options}))


def test_the_case_of_a_text_matters() -> None:
    assert normal("TXT", "Here.") == "Here."
    assert normal("CNAME", "Here.") == "here"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, f"answers for {NAME} A from the system's name servers, the same from each"),
        ({"answers": [HERE], "servers": [ONE]}, f"{HERE} for {NAME} A from {ONE}, the same from each"),
        (
            {"answers": [HERE, THERE], "match": "subset", "consistent": False, "servers": [ONE]},
            f"nothing but {HERE} or {THERE} for {NAME} A from {ONE}",
        ),
    ],
)
def test_what_is_expected_is_reported(options: dict[str, t.Any], expected: str) -> None:
    assert KIND.expected(given(**options)) == expected
