# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Fields that the service shows but refuses in an update: which of them may be left out, and which never.

UpdateListener resets a field that is left out. So a field of the API reference is never left out, whatever the service
reports. Other fields are left out only if the service refuses them by name.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Json = Mapping[str, t.Any]
#: The names from the outermost object down to a field.
Path = tuple[str, ...]

#: API reference: UpdateListenerDetails, SSLConfigurationDetails and ConnectionConfiguration.
_KNOWN: Mapping[str, t.Any] = {
    **dict.fromkeys(
        ("defaultBackendSetName", "port", "protocol", "hostnameNames", "pathRouteSetName", "routingPolicyName")
    ),
    "ruleSetNames": None,
    "sslConfiguration": dict.fromkeys(
        (
            "protocols",
            "cipherSuiteName",
            "serverOrderPreference",
            "certificateName",
            "certificateIds",
            "trustedCertificateAuthorityIds",
            "hasSessionResumption",
            "verifyPeerCertificate",
            "verifyDepth",
        )
    ),
    "connectionConfiguration": dict.fromkeys(
        ("idleTimeout", "backendTcpProxyProtocolVersion", "backendTcpProxyProtocolOptions")
    ),
}

#: Fields of UpdateLoadBalancer that refer to other resources, which it may not find. A refusal only reports that
#: something was not found. So the tags are left out first, and the security attributes only if that does not help.
LEFT_OUT_IN_TURN = (("definedTags",), ("definedTags", "securityAttributes"))

#: At most this many fields are left out in one run. The service does not show that many undocumented fields.
AT_MOST = 10


@dataclass
class LeftOut:
    """The fields that a run leaves out of its updates, because the service has refused them.

    :ivar of_listeners: fields of listeners.
    :ivar of_load_balancer: how many of :data:`LEFT_OUT_IN_TURN` have been tried.
    """

    of_listeners: list[Path] = field(default_factory=list)
    of_load_balancer: int = 0

    def add(self, listener: Json, name: str, path: Sequence[str]) -> bool:
        """Leave out a field of a listener from now on. False if that is not allowed, or would change nothing."""
        found = [path for path in refused_paths(listener, name, path) if path not in self.of_listeners]
        if not found or len(self.of_listeners) + len(found) > AT_MOST:
            return False
        self.of_listeners += found
        return True

    def add_of_load_balancer(self, body: Json) -> bool:
        """Leave out more fields that refer to other resources. False if there are no more."""
        for turn in range(self.of_load_balancer + 1, len(LEFT_OUT_IN_TURN) + 1):
            if any(body.get(name) for name in LEFT_OUT_IN_TURN[turn - 1] if name not in self.load_balancer_fields):
                self.of_load_balancer = turn
                return True
        return False

    @property
    def load_balancer_fields(self) -> Path:
        """Fields of the load balancer that are left out."""
        return LEFT_OUT_IN_TURN[self.of_load_balancer - 1] if self.of_load_balancer else ()


def refused_paths(listener: Json, name: str, path: Sequence[str]) -> list[Path]:
    """The paths of a field that the service refused by name, and that may be left out.

    :param path: the path that the service reports; without it, every unknown field of this name is meant.
    """
    found = [at for at in _unknown_fields(listener, _KNOWN) if at[-1] == name]
    reported = tuple(path)
    if reported in found:
        return [reported]
    return found if value_at(listener, reported) is None or not reported else []


def without(document: Json, paths: Iterable[Path]) -> dict[str, t.Any]:
    """A document without some of its fields, which need not exist."""
    result = dict(document)
    for name, *rest in paths:
        inner = result.get(name)
        if not rest:
            result.pop(name, None)
        elif isinstance(inner, Mapping):
            result[name] = without(inner, [tuple(rest)])
    return result


def value_at(document: Json, path: Path) -> t.Any:
    """The value at a path of a document; ``None`` if there is none."""
    value: t.Any = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _unknown_fields(document: Json, known: Json) -> list[Path]:
    found: list[Path] = []
    for name, value in document.items():
        if name not in known:
            found.append((name,))
        if isinstance(value, Mapping):
            found += [(name, *path) for path in _unknown_fields(value, known.get(name) or {})]
    return found
