# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The definition of a kind of front: its options, the modules that read and switch it, and their results.

A front stands in front of a service and can show a maintenance page in its place. Each file of this folder whose name
has no leading underscore contains one kind, as ``KIND``. From these files ``make gates`` generates the registry and the
options of the variable ``maintenance_fronts``.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Json = dict[str, t.Any]
#: The values of a front's options after the argument spec: None for an option that is not given.
Values = Mapping[str, t.Any]
#: The variables of the role ``maintenance``, without their prefix.
Page = Mapping[str, t.Any]
#: Options by name: each is a part of an argument spec, with its ``description``, in the form of the gates' options.
Options = Mapping[str, Mapping[str, t.Any]]


@dataclass(frozen=True)
class Entrance:
    """A way for users into a service: a listener, a route.

    :ivar up: whether users get the page there.
    :ivar holds: the holds of the page, each with ``owner``, ``since`` and ``reason``.
    :ivar redirects: whether users are redirected to the page. Otherwise they get it at the address they requested.
    :ivar passed_by: what leads some requests past the page.
    :ivar counts: whether it has the page or has to have it. If not, its users get the page at another entrance.
    """

    name: str
    up: bool
    holds: Sequence[Mapping[str, t.Any]] = ()
    redirects: bool = False
    counts: bool = True
    passed_by: Sequence[str] = ()


def _nothing(_page: Page) -> Json:
    return {}


@dataclass(frozen=True)
class FrontKind:
    """A kind of front.

    Both modules take ``targets``, one for each front, and return a list with one entry for each, in the same order.
    An entry has ``failed``, ``msg`` and ``warnings``. An entry of :attr:`module` also has ``changed``, ``released``
    (the holds, each with its ``owner``) and, where room for holds can run out, ``no_room_for_alarms`` (a reason, or
    empty).

    :ivar name: its name in the variables, and of its file.
    :ivar description: for the documentation, in the form of the descriptions of options.
    :ivar options: the options of one front.
    :ivar module: the module that enters and exits. It also takes ``state``, ``owner``, ``reason``, ``force`` and
        ``wait_timeout``.
    :ivar info: the module that reads.
    :ivar answer: the key of the list in the results of both.
    :ivar auth: the sign-in of both modules, such as ``oci``.
    :ivar library: the Python library that the modules need, by its import name; empty if they need none.
    :ivar identity: the name of a target that could not be read, such as an OCID.
    :ivar target: one front, as an entry of ``targets``.
    :ivar check: the targets for one service's options of :attr:`module`, each with its owner. Raises ``RefusedError``
        where a task with these options would be refused.
    :ivar seen: the entrances, from an entry of :attr:`info`.
    :ivar switched: the entrances as they are now, from an entry of :attr:`module`.
    :ivar label: the name of the front in an entry of :attr:`module`, for people.
    :ivar entrance: the word for an entrance.
    :ivar short_form: the options of :attr:`module` from the variables for a single front; empty if not given.
    :ivar short_form_names: the names of these variables, for messages.
    :ivar knows_backends: whether :attr:`module` takes ``only_if_backends`` and ``event_time``, and its entries have
        ``held_back``. Alarms switch no other kind: an event is a hint, and only live state confirms it.
    :ivar constraints: ``mutually_exclusive``, ``required_one_of`` and the like, as in an argument spec.
    """

    name: str
    description: str
    options: Options
    module: str
    info: str
    answer: str
    auth: str
    library: str
    identity: Callable[[Mapping[str, t.Any]], str]
    target: Callable[[Values], Json]
    check: Callable[[Json, str], list[Json]]
    seen: Callable[[Mapping[str, t.Any]], list[Entrance]]
    switched: Callable[[Mapping[str, t.Any]], list[Entrance]]
    label: Callable[[Mapping[str, t.Any]], str]
    entrance: str = "entrance"
    short_form: Callable[[Page], Json] = _nothing
    short_form_names: Sequence[str] = ()
    knows_backends: bool = False
    constraints: Mapping[str, t.Any] = field(default_factory=dict)
