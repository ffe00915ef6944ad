# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Checks whether a service's answer has the shape that decisions rely on.

A page of a proxy with status 200 is an answer too, and so is the answer of a wrong service. Such an answer must become
an error that names the endpoint. It must not become a traceback, or an empty list that means "there is nothing".

A shape is a type; a tuple of types; a list with the shape of its elements; a dictionary with the shapes of the required
fields (an answer may have more fields); :class:`Maybe`; or :class:`MapOf`.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

Shape = t.Any


@dataclass(frozen=True)
class Maybe:
    """A value of this shape, or null, or missing."""

    shape: Shape


@dataclass(frozen=True)
class MapOf:
    """An object whose fields have any names, and values of one shape."""

    shape: Shape


def misfit(value: object, shape: Shape, at: str = "") -> str:
    """The first part of a value that does not have its shape, with its place; empty if all parts have. Values may be
    secret, so they are not reported.

    :param at: where the value is; empty for the answer as a whole.
    """
    if isinstance(shape, Maybe):
        return "" if value is None else misfit(value, shape.shape, at)
    if isinstance(shape, list):
        return _first(value, list, at, lambda: [(f"{at}[{n}]", item, shape[0]) for n, item in enumerate(_items(value))])
    if isinstance(shape, MapOf):
        return _first(value, dict, at, lambda: [(_below(at, name), item, shape.shape) for name, item in _pairs(value)])
    if isinstance(shape, dict):
        return _first(
            value, dict, at, lambda: [(_below(at, name), _get(value, name), of) for name, of in shape.items()]
        )
    kinds = shape if isinstance(shape, tuple) else (shape,)
    # In Python, bool is a subclass of int.
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    return "" if fits else _reported(value, at, kinds)


def _first(value: object, kind: type, at: str, parts: t.Callable[[], list[tuple[str, object, Shape]]]) -> str:
    if not isinstance(value, kind):
        return _reported(value, at, (kind,))
    return next((found for where, part, shape in parts() if (found := misfit(part, shape, where))), "")


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _items(value: object) -> list[object]:
    return t.cast("list[object]", value)


def _pairs(value: object) -> t.Iterable[tuple[str, object]]:
    return t.cast("Mapping[str, object]", value).items()


def _get(value: object, name: str) -> object:
    return t.cast("Mapping[str, object]", value).get(name)


def _reported(value: object, at: str, kinds: tuple[type, ...]) -> str:
    expected = " or ".join(_NAMES.get(kind, kind.__name__) for kind in kinds)
    if value is None:
        return f"{at or 'it'} is missing, where {expected} is expected"
    return f"{at or 'it'} is {_NAMES.get(type(value), type(value).__name__)}, where {expected} is expected"


_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
}
