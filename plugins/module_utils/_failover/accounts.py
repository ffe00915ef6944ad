# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Groups services by account, so that services in one account are read together. Pure functions."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

Json = dict[str, t.Any]


@dataclass(frozen=True)
class Account:
    """The sign-in options of an account, and the services that use them.

    :ivar services: the positions of the services.
    """

    auth: Mapping[str, t.Any]
    services: Sequence[int]


def accounts(services: Sequence[Mapping[str, t.Any]], *, auth: str, of: str) -> list[Account]:
    """The accounts that services are in, in the order of their first service.

    :param auth: the key of a service's sign-in options.
    :param of: the key of the items to read. A service without items is in no account.
    """
    positions: dict[str, list[int]] = {}
    for position, service in enumerate(services):
        if service[of]:
            positions.setdefault(json.dumps(service[auth], sort_keys=True, default=str), []).append(position)
    return [Account(services[found[0]][auth], tuple(found)) for found in positions.values()]


def account_of_each(services: int, found: Sequence[Account]) -> list[int | None]:
    """For each service the position of its account; None if it is in none."""
    places: list[int | None] = [None] * services
    for place, account in enumerate(found):
        for position in account.services:
            places[position] = place
    return places


def together(services: Sequence[Mapping[str, t.Any]], account: Account, of: str) -> list[t.Any]:
    """The items to read in one account for all its services, in the order of the services."""
    return [item for position in account.services for item in services[position][of]]


def apart(answers: Sequence[t.Any], counts: Sequence[int]) -> list[list[t.Any]]:
    """Split the answers of one account by service.

    :param answers: in the order of the items. If some are missing, the last services get fewer.
    :param counts: the number of items of each service.
    """
    rest = iter(answers)
    return [list(islice(rest, count)) for count in counts]
