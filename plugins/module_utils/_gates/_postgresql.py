# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How the gate ``postgresql`` judges the reports of servers: whether the standby has replayed what was written.

Four facts make the gate strict:

- A writer lists everything that receives its log, such as subscribers and local replicas. Several can have one name.
- A standby knows only what its upstream sent. The upstream may be a standby too, and cut off from the writer.
- Positions in the log can be compared between two servers only if the servers share their history.
- A connection that hangs looks like a connection over which nothing is sent.
"""

from __future__ import annotations

import ipaddress
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Values

#: The options that limit the lag, with their units.
LIMITS = {"max_lag_bytes": "bytes", "max_lag_seconds": "s"}
DEFAULT_PORT = 5432
#: Lists the standbys, with the columns that distinguish them.
LIST_STANDBYS = (
    "SELECT application_name, client_addr, slot_name, state FROM pg_stat_replication r "
    "LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid"
)

#: Values of libpq's target_session_attrs with which a standby connects only to a server that is not a standby.
_WRITERS_ONLY = (("primary",), ("read-write",))
#: Bytes of the header of a page of the log, and of the first page of a file, with an alignment of eight bytes.
_PAGE_HEADER, _FILE_HEADER, _ALIGNMENT = 24, 40, 8
#: Seconds. An asynchronous commit is sent after at most three times wal_writer_delay, which is 0.6 s.
_FLUSHED_WITHIN = 1.0
#: Seconds that one clock may be ahead of the other. Beyond that, times of the two are not subtracted.
_CLOCKS_AGREE = 1.0

_GRANT = "Let the user of the connection string see it, as with 'GRANT pg_monitor TO <user>'."
_REBUILD = "Bring it back as a standby of the serving site's server, with pg_rewind or pg_basebackup."
_NO_FAILBACK = "If users wrote there now, what was written at the serving site would be lost."
_CATCH_UP = "Wait until it has caught up. If it never does, stop the writes, or find out what delays its replay."
_HIDDEN = "the user of the connection string may not see the state of replication"


@dataclass(frozen=True)
class Sender:
    """What a writer reports about one receiver of its log. Columns that the user may not see are None.

    :ivar logical: whether it receives decoded changes, so that it is not a standby.
    :ivar replayed: position up to which it has replayed, if it reports one.
    :ivar replay_seconds: how long the latest records took until they were replayed, if that is known.
    :ivar silent_seconds: time from its last reply, by the receiver's clock, until now, by the writer's clock.
    """

    name: str | None
    address: str | None
    slot: str | None
    state: str | None
    logical: bool
    replayed: int | None
    replay_seconds: float | None
    silent_seconds: float | None

    def __str__(self) -> str:
        """Everything that distinguishes it from other receivers."""
        place = f"from {self.address}" if self.address else "from a local socket"
        slot = f"slot '{self.slot}'" if self.slot else "without a slot"
        return f"'{self.name}' {place}, {slot}, {'logical, ' if self.logical else ''}state {self.state}"


@dataclass(frozen=True)
class Writer:
    """A server that takes writes.

    :ivar server: host and port of the connection.
    :ivar system: identifier of the database system, which all copies of it share.
    :ivar timeline: the timeline of the records that it writes.
    :ivar written: the end position of its last record.
    :ivar now: its clock.
    """

    server: str
    system: int
    timeline: int
    written: int
    now: float
    senders: Sequence[Sender]


@dataclass(frozen=True)
class Receiver:
    """A standby's connection to its upstream. Columns that the user may not see are None.

    :ivar host: of the upstream, as in primary_conninfo.
    :ivar announced: position up to which the upstream has records, by its last message; or the position up to which
        records have arrived, if that is greater.
    :ivar sent: when the last message was sent, by the upstream's clock.
    :ivar received: when the last message was received, by the standby's clock.
    :ivar session_attrs: the kind of server that the standby agrees to connect to; one entry, if that is known.
    """

    status: str | None
    timeline: int | None
    host: str | None
    port: int | None
    announced: int | None
    sent: float | None
    received: float | None
    session_attrs: Sequence[str]


@dataclass(frozen=True)
class Standby:
    """A server in recovery.

    :ivar replayed: position up to which it has replayed.
    :ivar replayed_at: when the last transaction before that position was committed, by the writer's clock.
    :ivar now: its clock.
    :ivar receiver: its connection to an upstream; None while there is none.
    """

    server: str
    system: int
    replayed: int | None
    replayed_at: float | None
    paused: bool
    now: float
    receiver: Receiver | None


@dataclass(frozen=True)
class Lag:
    """The replication lag of a standby; None for an unknown value."""

    bytes: int | None
    seconds: float | None


def record_end(inserted: int, page: int, segment: int, alignment: int) -> int:
    """The end of the last record, from the position at which the next record is inserted.

    At the beginning of a page, the two positions differ by the header of that page. The header is written together with
    the first record of the page. So on an idle writer that has just begun a new file, no standby would ever reach the
    insert position.
    """
    header = _FILE_HEADER if inserted % segment < page else _PAGE_HEADER
    at_beginning = alignment == _ALIGNMENT and inserted % page == header
    return inserted - header if at_beginning else inserted


def by_writer(options: Values, writer: Writer, memory: dict[str, t.Any]) -> Observation:
    """Judge by what the writer alone reports.

    :param memory: the memory of this gate, kept from probe to probe.
    """
    sender = named_sender(options, writer, memory)
    if isinstance(sender, Observation):
        return sender
    if sender.replayed is None:
        remedy = (
            "Wait, and probe again. Receivers of the log that replay nothing, such as pg_receivewal, never report it."
        )
        return Observation(False, f"{sender} has not reported how far it has replayed", remedy)
    lag = max(0, writer.written - sender.replayed)
    clock = sender.silent_seconds
    if lag and options["max_lag_seconds"] is not None and clock is not None and clock < -_CLOCKS_AGREE:
        observed = f"{sender}: its clock is ahead of the writer's, by {-clock:.0f} s at least, so its lag is not known"
        return Observation(False, observed, "Set the clocks of both servers, or limit the lag by max_lag_bytes only.")
    return _judge(options, Lag(lag, _seconds_by_writer(sender, lag)), _fed(writer, sender))


def by_both(options: Values, before: Writer, standby: Standby, after: Writer, memory: dict[str, t.Any]) -> Observation:
    """Judge by three reports, in this order: of the writer, of the standby, and of the writer again."""
    sender = named_sender(options, before, memory)
    if isinstance(sender, Observation):
        return sender
    trouble = _apart(before, standby, after)
    if trouble:
        return trouble
    lag = None if standby.replayed is None else max(0, before.written - standby.replayed)
    seconds = 0.0 if lag == 0 else _since(standby.replayed_at, after.now)
    return _with_pause(
        standby, _judge(options, Lag(lag, seconds), f"replayed by {standby.server}; {_fed(before, sender)}")
    )


def by_standby(options: Values, standby: Standby, memory: dict[str, t.Any]) -> Observation:
    """Judge by the standby's report alone. It has to prove that its upstream is the writer, and still answers."""
    receiver = _receiver(standby)
    if isinstance(receiver, Observation):
        return receiver
    trouble = _other_upstream(options, standby, receiver) or _silent(standby, receiver, memory)
    if trouble:
        return trouble
    known = receiver.announced is not None and standby.replayed is not None
    lag = max(0, t.cast(int, receiver.announced) - t.cast(int, standby.replayed)) if known else None
    seconds = 0.0 if lag == 0 else _seconds_by_standby(standby, receiver)
    who = f"{standby.server} streams from the writer {receiver.host}:{receiver.port}, timeline {receiver.timeline}"
    return _with_pause(standby, _judge(options, Lag(lag, seconds), who))


def no_writer(standby: Standby) -> Observation:
    """The server that should be the writer is a standby."""
    remedy = "Give the dsn of the server that takes the writes now, or see 'server: standby'."
    return Observation(
        False, f"{standby.server} is a standby, and only the writer knows everything that was written", remedy
    )


def no_standby(writer: Writer) -> Observation:
    """The server that should be the standby takes writes."""
    observed = f"{writer.server} is no standby: it takes writes itself, and follows nobody"
    return Observation(False, observed, f"{_REBUILD} {_NO_FAILBACK}")


def named_sender(options: Values, writer: Writer, memory: dict[str, t.Any]) -> Sender | Observation:
    """The sender entry that the gate is about, if it is connected and no other entry could be meant."""
    named = [sender for sender in writer.senders if sender.name == options["standby_name"] and not sender.logical]
    if any(sender.state is None for sender in named or writer.senders):
        return Observation(False, _HIDDEN, _GRANT)
    matching = [sender for sender in named if _fits(options, sender)]
    if not matching:
        return _not_connected(options, writer, named)
    seen = _seen(options, matching, memory)
    if len(matching) > 1 or len(seen) > 1:
        return _ambiguous(options, matching, seen)
    if matching[0].state != "streaming":
        return Observation(False, f"the standby is not streaming: {matching[0]}", "Wait until it is streaming.")
    return matching[0]


def _fits(options: Values, sender: Sender) -> bool:
    if options["slot_name"] and sender.slot != options["slot_name"]:
        return False
    if not options["client_addr"]:
        return True
    # The zone of a link-local address is not part of the address.
    address = (sender.address or "").partition("%")[0]
    return bool(address) and ipaddress.ip_address(address) in ipaddress.ip_network(options["client_addr"])


def _seen(options: Values, matching: Sequence[Sender], memory: dict[str, t.Any]) -> set[tuple[str, ...]]:
    """The standbys of that name that this gate has seen. If one of two has gone, the other may be the wrong one."""
    if options["client_addr"] or options["slot_name"]:
        return set()
    seen: set[tuple[str, ...]] = memory.setdefault("standbys", set())
    seen |= {(sender.address or "a local socket", sender.slot or "no slot") for sender in matching}
    return seen


def _ambiguous(options: Values, matching: Sequence[Sender], seen: set[tuple[str, ...]]) -> Observation:
    remedy = "Give client_addr or slot_name too, or give each standby an application_name of its own."
    if len(matching) > 1:
        listed = "; ".join(sorted(map(str, matching)))
        return Observation(False, f"{len(matching)} standbys match, and only one of them is meant: {listed}", remedy)
    listed = ", ".join(sorted(f"{address} with {slot}" for address, slot in seen))
    observed = f"{len(seen)} standbys '{options['standby_name']}' were connected in turn, from {listed}"
    return Observation(False, observed, remedy)


def _not_connected(options: Values, writer: Writer, named: Sequence[Sender]) -> Observation:
    name = options["standby_name"]
    if not writer.senders:
        return Observation(False, f"no standby replicates from {writer.server}", _REBUILD)
    listed = "; ".join(sorted(map(str, named or writer.senders)))
    if named:
        wanted = [f"{option} {options[option]}" for option in ("client_addr", "slot_name") if options[option]]
        observed = f"no standby '{name}' with {' and '.join(wanted)} replicates; connected are: {listed}"
        return Observation(False, observed, f"If it is one of these, correct these options. {_REBUILD}")
    observed = f"no standby '{name}' replicates; connected are: {listed}"
    return Observation(False, observed, f"Check standby_name against the standby's application_name. {_REBUILD}")


def _receiver(standby: Standby) -> Receiver | Observation:
    """The standby's connection, if it works."""
    receiver = standby.receiver
    if receiver is None:
        remedy = "Check the standby's log, its primary_conninfo, and whether the writer can be reached from there."
        return Observation(False, f"{standby.server} is not replicating: it is connected to no upstream", remedy)
    if receiver.status is None:
        return Observation(False, _HIDDEN, _GRANT)
    if receiver.status != "streaming":
        observed = f"{standby.server} is not replicating: its receiver is {receiver.status}"
        return Observation(False, observed, "Wait until it is streaming.")
    return receiver


def _apart(before: Writer, standby: Standby, after: Writer) -> Observation | None:
    """Why positions of these servers cannot be compared; None if they can."""
    if standby.system != before.system:
        observed = f"{standby.server} is no copy of {before.server}: their system identifiers differ"
        return Observation(False, observed, f"Check dsn and standby_dsn. {_REBUILD}")
    receiver = _receiver(standby)
    if isinstance(receiver, Observation):
        return receiver
    if receiver.timeline != before.timeline:
        observed = f"{standby.server} is on timeline {receiver.timeline}, and the writer on {before.timeline}"
        return Observation(False, observed, f"It follows another server. {_REBUILD}")
    if (after.system, after.timeline) != (before.system, before.timeline):
        observed = f"dsn led to different servers within one probe: timelines {before.timeline} and {after.timeline}"
        return Observation(
            False, observed, "Give the address of one server. If the writer has just moved, probe again."
        )
    if standby.replayed is not None and standby.replayed > after.written:
        observed = f"{standby.server} has replayed {standby.replayed - after.written} bytes that the writer never wrote"
        return Observation(False, observed, f"It follows another server. {_REBUILD}")
    return None


def _other_upstream(options: Values, standby: Standby, receiver: Receiver) -> Observation | None:
    """Why the upstream is not proven to be the writer; None if it is."""
    upstream, writer = (receiver.host, receiver.port), (options["writer_host"], options["writer_port"] or DEFAULT_PORT)
    if upstream != writer:
        observed = f"{standby.server} streams from {receiver.host}:{receiver.port}, not from {writer[0]}:{writer[1]}"
        remedy = (
            "Give writer_host and writer_port as they are in the standby's primary_conninfo. A standby that follows "
            "another standby does not know what the writer wrote: query both, with dsn for the writer and standby_dsn."
        )
        return Observation(False, observed, remedy)
    if tuple(receiver.session_attrs) not in _WRITERS_ONLY:
        observed = f"{standby.server} would also stream from a standby, so {upstream[0]} is not proven to be the writer"
        remedy = (
            "Add target_session_attrs=primary (before PostgreSQL 14: read-write) to the standby's primary_conninfo, "
            "or query both servers, with dsn for the writer and standby_dsn."
        )
        return Observation(False, observed, remedy)
    return None


def _silent(standby: Standby, receiver: Receiver, memory: dict[str, t.Any]) -> Observation | None:
    """Why the upstream is not proven to answer: no message since this gate began. The upstream hangs, or is idle."""
    since = memory.setdefault("began", standby.now) + _FLUSHED_WITHIN
    if min(receiver.sent or 0.0, receiver.received or 0.0) >= since:
        return None
    age = _since(receiver.received, standby.now)
    last = "no message from the writer yet" if age is None else f"the writer's last message came {age:.0f} s ago"
    remedy = (
        "Wait for the next one. A writer that is idle sends one every half of the standby's wal_receiver_timeout, "
        "which is 30 s: give the gate a timeout of 60. If none comes, the connection hangs, or the clocks differ."
    )
    return Observation(False, f"{standby.server}: {last}, and none since this gate began", remedy)


def _fed(writer: Writer, sender: Sender) -> str:
    return f"the writer {writer.server}, timeline {writer.timeline}, streams to {sender}"


def _since(then: float | None, now: float) -> float | None:
    return None if then is None else max(0.0, now - then)


def _seconds_by_writer(sender: Sender, lag: int) -> float | None:
    """The lag in seconds: the age of the last replayed record, or 0 if no record is missing."""
    if lag == 0:
        return 0.0
    # A standby that has not replied for some time is behind by at least that time.
    return None if sender.replay_seconds is None else max(sender.replay_seconds, sender.silent_seconds or 0.0)


def _seconds_by_standby(standby: Standby, receiver: Receiver) -> float | None:
    """The lag in seconds. Each difference is between two times of one clock, because two clocks may differ."""
    at_upstream = None if receiver.sent is None else _since(standby.replayed_at, receiver.sent)
    since_then = _since(receiver.received, standby.now)
    return None if at_upstream is None or since_then is None else at_upstream + since_then


def _with_pause(standby: Standby, seen: Observation) -> Observation:
    if seen.passed or not standby.paused:
        return seen
    observed = f"{seen.observed}; its replay is paused"
    return replace(seen, observed=observed, remedy="Resume it: SELECT pg_wal_replay_resume().")


def _judge(options: Values, lag: Lag, who: str) -> Observation:
    lags = {"max_lag_bytes": lag.bytes, "max_lag_seconds": lag.seconds}
    measured = {name.removeprefix("max_"): value for name, value in lags.items() if value is not None}
    asked = {name: value for name, value in lags.items() if options[name] is not None}
    unknown = [name for name, value in asked.items() if value is None]
    if unknown:
        what = " and ".join(name.removeprefix("max_").replace("_", " in ") for name in unknown)
        return Observation(False, f"{what} is not known yet: {who}", "Wait, and probe again.", measured=measured)
    reported = ", ".join(f"{value:.0f} {LIMITS[name]}" for name, value in asked.items())
    if all(value is not None and value <= options[name] for name, value in asked.items()):
        return Observation(True, f"replication lag {reported}: {who}", measured=measured)
    return Observation(False, f"replication lag {reported}: {who}", _CATCH_UP, measured=measured)
