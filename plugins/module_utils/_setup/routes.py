# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a subnet has a route to an address, as far as its route table shows it. Pure functions on plain data.

Traffic inside a VCN needs no rule. Other traffic of a subnet is dropped unless a rule of its route table covers the
destination.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from collections.abc import Iterator, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]
Address: t.TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

#: The label of a service gateway's rule for all services, and the label for only object storage.
_ALL_SERVICES = re.compile(r"all-[a-z0-9]+-services-in-oracle-services-network")
_OBJECT_STORAGE = re.compile(r"oci-[a-z0-9]+-objectstorage")
#: Address ranges without services of Oracle.
_PRIVATE = [ipaddress.ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]


class Network(t.NamedTuple):
    """A subnet, the VCN that it is in, and its route table, as the Networking service shows them."""

    subnet: Json
    vcn: Json
    table: Json


def check(networks: Sequence[Network], addresses: Sequence[str]) -> list[str]:
    """Returns warnings about addresses whose routes are unknown.

    :raises RefusedError: a subnet has no route to an address.
    """
    warnings = []
    for network in networks:
        for text in addresses:
            address = ipaddress.ip_address(text)
            covered = _in_vcn(network.vcn, address) or _covered(network.table, address)
            if covered is None:
                warnings.append(_unsure(network, text))
            elif not covered:
                raise RefusedError(_no_route(network, text))
    return warnings


def needs_rules(gateway: Json) -> bool:
    """Whether all clients of a gateway are outside of its VCN, because it has a public address."""
    return gateway.get("endpointType") == "PUBLIC"


def check_gateway(gateway: Json, network: Network) -> None:
    """:raises RefusedError: the gateway's answers cannot leave the VCN."""
    if not needs_rules(gateway) or network.table["routeRules"]:
        return
    raise RefusedError(
        f"The gateway is public, and the route table {_named(network.table)} of its subnet {_named(network.subnet)} "
        "has no rules, so the gateway cannot answer anybody. Nothing was changed. Add a rule for 0.0.0.0/0 to an "
        "internet gateway."
    )


def _in_vcn(vcn: Json, address: Address) -> bool:
    return any(_contains(block, address) for block in _blocks(vcn))


def _blocks(vcn: Json) -> Iterator[str]:
    if vcn.get("cidrBlock"):
        yield vcn["cidrBlock"]
    for field in ("cidrBlocks", "ipv6CidrBlocks", "ipv6PrivateCidrBlocks", "byoipv6CidrBlocks"):
        yield from vcn.get(field) or ()


def _covered(table: Json, address: Address) -> bool | None:
    """Whether a rule covers an address; None where that is unknown."""
    found = [_covers(str(rule.get("destination") or rule.get("cidrBlock") or ""), address) for rule in _rules(table)]
    if True in found:
        return True
    return None if None in found else False


def _rules(table: Json) -> list[Json]:
    return list(table["routeRules"])


def _covers(destination: str, address: Address) -> bool | None:
    if _OBJECT_STORAGE.fullmatch(destination):
        return False
    if _ALL_SERVICES.fullmatch(destination):
        # The API does not show these addresses. They are never private.
        return False if any(address in block for block in _PRIVATE) else None
    return _contains(destination, address)


def _contains(block: str, address: Address) -> bool | None:
    """Whether a range contains an address; None if the range cannot be parsed."""
    try:
        return address in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return None


def _no_route(network: Network, address: str) -> str:
    rules = ", ".join(str(rule.get("destination") or rule.get("cidrBlock")) for rule in _rules(network.table))
    default = "::/0" if ":" in address else "0.0.0.0/0"
    return (
        f"The subnet {_named(network.subnet)} of the load balancer has no route to the page's backend {address}: the "
        f"address is outside of the VCN ({', '.join(_blocks(network.vcn)) or 'no ranges'}), and the route table "
        f"{_named(network.table)} has {f'rules for {rules} only' if rules else 'no rules'}. Nothing was changed. Add a "
        f"rule that covers the address, for instance {default}, or give a backend inside of the VCN."
    )


def _unsure(network: Network, address: str) -> str:
    return (
        f"Whether the subnet {_named(network.subnet)} of the load balancer has a route to the page's backend "
        f"{address} is unknown: no address range in the route table {_named(network.table)} covers it, and which "
        "addresses a service gateway leads to is not shown. Check the health of the page's backend set."
    )


def _named(thing: Json) -> str:
    return f"{thing['displayName']} ({thing['id']})" if thing.get("displayName") else str(thing.get("id"))
