# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The name server: UDP and TCP on one loopback port."""

from __future__ import annotations

from dnslib import CLASS, QTYPE, RCODE, RR, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

from lab.aws.dns.answers import Answers, ResourceRecord
from lab.servers import LOOPBACK

_ATTEMPTS = 20


class ZoneResolver:
    """Puts the answers into DNS messages; implements the resolver of dnslib's server."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """Answer one query. The server calls this in a separate thread."""
        reply = request.reply(aa=1, ra=0)
        if CLASS.get(request.q.qclass) != "IN":
            reply.header.rcode = RCODE.REFUSED
            return reply
        answer = self._answers.answer(str(request.q.qname), QTYPE.get(request.q.qtype))
        reply.header.rcode = getattr(RCODE, answer.code)
        reply.header.aa = int(answer.code != "REFUSED")
        for record in answer.records:
            reply.add_answer(*_resource_records(record))
        for record in answer.authority:
            reply.add_auth(*_resource_records(record))
        return reply


def _resource_records(record: ResourceRecord) -> list[RR]:
    parsed: list[RR] = RR.fromZone(f"{record.name} {record.ttl} IN {record.type} {record.value}")
    return parsed


class NameServer:
    """Serves one resolver over UDP and TCP."""

    def __init__(self, resolver: ZoneResolver) -> None:
        self._resolver = resolver
        self._servers: list[DNSServer] = []

    def start(self) -> int:
        """Listen on a free port.

        :returns: the port.
        :raises OSError: no port was free for both UDP and TCP.
        """
        for attempt in range(_ATTEMPTS):
            tcp = self._server(0, tcp=True)
            port: int = tcp.server.server_address[1]
            try:
                udp = self._server(port, tcp=False)
            except OSError:
                tcp.server.server_close()
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            self._servers = [tcp, udp]
            for server in self._servers:
                server.start_thread()
            return port
        raise AssertionError("the last attempt returns or raises")

    def _server(self, port: int, *, tcp: bool) -> DNSServer:
        return DNSServer(
            self._resolver, address=LOOPBACK, port=port, tcp=tcp, logger=DNSLogger("-request,-reply,-truncated")
        )

    def stop(self) -> None:
        """Stop listening. Safe to call at any time."""
        for server in self._servers:
            server.stop()
            server.server.server_close()
        self._servers = []
