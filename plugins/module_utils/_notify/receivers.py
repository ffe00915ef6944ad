# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The notification targets: the list ``notify_to``, and its problems.

Messages about problems name the entry and the option, and never a value, because nearly every value may be secret.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._record.escaping import escaped_for

#: Ansible's values for true and false.
_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "on", "true", "t", "y", "1"), True),
    **dict.fromkeys(("no", "off", "false", "f", "n", "0"), False),
}
_TOPIC_ARN = re.compile(r"arn:[\w-]+:sns:[\w-]+:[0-9]+:\S+")
_TOPIC_ID = re.compile(r"ocid1\.onstopic\.\S+")
#: An unknown key is shown only if it looks like this. Anything else may be a secret value in the wrong place.
_WORD = re.compile(r"[A-Za-z_][\w-]{0,39}")


@dataclass(frozen=True)
class Receiver:
    """One entry of the list.

    :ivar name: its name in records; its position in the list if it has no name.
    :ivar kind: one of :data:`KINDS`; empty if the kind is unknown.
    :ivar options: the options of its kind, with defaults. They may be secret.
    :ivar problem: why it cannot be notified.
    """

    name: str
    kind: str
    options: Mapping[str, t.Any] = field(default_factory=dict, repr=False)
    problem: str = ""


@dataclass(frozen=True)
class Unreadable:
    """Takes the place of an entry, an option or the list if a template in it failed."""

    name: str
    why: str


@dataclass(frozen=True)
class _Option:
    """An option of a kind.

    :ivar wrong: returns the problem of a value; empty if there is none.
    :ivar read: converts the value.
    """

    wrong: t.Callable[[t.Any], str]
    read: t.Callable[[t.Any], t.Any] = str
    required: bool = False
    default: t.Any = None


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return "" if _is_text(value) else "is no text"


def _matching(pattern: re.Pattern[str], example: str) -> t.Callable[[t.Any], str]:
    return lambda value: "" if pattern.fullmatch(str(value)) else f"is no name of a topic such as {example}"


def _choice(*choices: str) -> t.Callable[[t.Any], str]:
    return lambda value: "" if value in choices else f"is neither {' nor '.join(choices)}"


def _web_address(value: object) -> str:
    try:
        address = urlsplit(str(value))
        proper = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        proper = False
    return "" if proper else "is no address that begins with http:// or https://"


def _headers(value: object) -> str:
    if not isinstance(value, Mapping):
        return "is no dictionary of names and values"
    return "" if all(_is_text(item) for item in value.values()) else "has a value that is no text"


def _flag(value: object) -> str:
    return "" if str(value).lower() in _FLAGS else "is neither true nor false"


#: The kinds of notification targets, with their options. The role and the procedures check a list by this.
KINDS: Mapping[str, Mapping[str, _Option]] = {
    "sns": {
        "topic_arn": _Option(_matching(_TOPIC_ARN, "arn:aws:sns:us-east-1:123456789012:on-call"), required=True),
    },
    "oci": {
        "topic_id": _Option(_matching(_TOPIC_ID, "ocid1.onstopic.oc1.iad.aaaaexample"), required=True),
    },
    "webhook": {
        "url": _Option(_web_address, required=True),
        "form": _Option(_choice("json", "slack"), default="json"),
        "headers": _Option(_headers, lambda given: {str(name): str(item) for name, item in given.items()}, default={}),
        "validate_certs": _Option(_flag, lambda given: _FLAGS[str(given).lower()], default=True),
        "ca_path": _Option(_text),
    },
}


def receivers(notify_to: object, called: str = "notify_to") -> list[Receiver]:
    """All targets in a list, including wrong ones, so that a record can report them.

    :param called: the name of the variable.
    """
    wrong = _no_list(notify_to, called)
    if wrong:
        return [Receiver(called, "", problem=wrong)]
    return [_receiver(entry, _place(entry, number, called)) for number, entry in _numbered(notify_to)]


def problems(notify_to: object, called: str = "notify_to") -> list[str]:
    """The problems of a list, one sentence each, so that they can be reported before anything is done."""
    wrong = _no_list(notify_to, called)
    if wrong:
        return [wrong]
    return [
        _sentence(_place(entry, number, called), wrong)
        for number, entry in _numbered(notify_to)
        for wrong in _wrong(entry)
    ]


def _no_list(notify_to: object, called: str) -> str:
    """Why this is not a list. An empty text counts as an empty list: surveys use it for a missing answer."""
    if isinstance(notify_to, Unreadable):
        return f"{called}: {notify_to.why}."
    if notify_to in (None, "") or isinstance(notify_to, list | tuple):
        return ""
    return f"{called} is no list. Each of its entries has a name and one of {', '.join(KINDS)}."


def _numbered(notify_to: object) -> Iterator[tuple[int, object]]:
    return enumerate(t.cast("list[object]", notify_to or []), 1)


def _place(entry: object, number: int, called: str) -> str:
    name = escaped_for(_name(entry), "line")
    return f"Entry {number} of {called} ({name})" if name else f"Entry {number} of {called}"


def _sentence(place: str, wrong: str) -> str:
    return f"{place}: {wrong}" if wrong.endswith("?") else f"{place}: {wrong}."


def _name(entry: object) -> str:
    if isinstance(entry, Unreadable):
        return entry.name
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return str(name) if _is_text(name) else ""


def _receiver(entry: object, place: str) -> Receiver:
    wrong = next(_wrong(entry), "")
    kinds = _kinds(entry) if isinstance(entry, Mapping) else []
    kind = kinds[0] if len(kinds) == 1 else ""
    if wrong:
        return Receiver(_name(entry) or place, kind, problem=_sentence(place, wrong))
    given = t.cast("Mapping[str, t.Any]", entry)[kind]
    read = {
        name: option.default if _missing(given.get(name)) else option.read(given[name])
        for name, option in KINDS[kind].items()
    }
    return Receiver(_name(entry), kind, read)


def _wrong(entry: object) -> Iterator[str]:
    """The problems of an entry."""
    if isinstance(entry, Unreadable):
        yield entry.why
        return
    if not isinstance(entry, Mapping):
        yield f"it is no dictionary with a name and one of {', '.join(KINDS)}"
        return
    if not _name(entry):
        yield "name is missing"
    yield from _unknown(entry, ("name", *KINDS), "")
    kinds = _kinds(entry)
    if len(kinds) != 1:
        yield f"it has {' and '.join(kinds)}, where one is expected" if kinds else f"it has none of {', '.join(KINDS)}"
    for kind in kinds:
        yield from _wrong_options(kind, entry[kind])


def _kinds(entry: Mapping[str, t.Any]) -> list[str]:
    return [kind for kind in KINDS if not _missing(entry.get(kind))]


def _missing(value: object) -> bool:
    """Whether an option is not given. An empty text counts too: surveys and empty variables produce it."""
    return value is None or value == ""


def _wrong_options(kind: str, given: object) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"{kind} is no dictionary of options"
        return
    yield from _unknown(given, tuple(KINDS[kind]), f"{kind}.")
    for name, option in KINDS[kind].items():
        value = given.get(name)
        if _missing(value):
            if option.required:
                yield f"{kind}.{name} is missing"
        elif problem := option.wrong(value):
            yield f"{kind}.{name} {problem}"


def _unknown(given: Mapping[str, t.Any], known: tuple[str, ...], where: str) -> Iterator[str]:
    for key in given:
        if key in known:
            continue
        shown = str(key) if _WORD.fullmatch(str(key)) else "something"
        near = difflib.get_close_matches(shown, known, 1)
        yield f"{where}{shown} is unknown" + (f". Did you mean {near[0]}?" if near else "")
