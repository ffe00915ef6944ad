# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The error codes in the source of the collection, and the messages with each code."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_CODE = re.compile(r"TG-[A-Z]+(?:-[A-Z]+)*")
#: In YAML a message begins after a line that ends in `>-`, and ends with its code.
_IN_YAML = re.compile(r">-\n((?:(?!>-\n).)*?)\s*\[(TG-[A-Z-]+)\]", re.DOTALL)
#: A placeholder for text that is known only at run time.
_ANY = "\0"
#: Messages with less fixed text than this are not compared.
_SHORTEST = 12


@dataclass
class Found:
    """The places and messages of one code.

    :ivar places: where the code stands, as ``file:line``.
    :ivar messages: the messages with this code, as regular expressions.
    """

    places: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def explains(self, example: str) -> bool:
        """Whether the example matches a message of this code. True also if no message was found."""
        return not self.messages or any(re.search(message, example, re.DOTALL) for message in self.messages)


def codes_in(root: Path) -> dict[str, Found]:
    """Every code below plugins, roles and playbooks."""
    found: dict[str, Found] = defaultdict(Found)
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((root / "plugins").rglob("*.py"))}
    of_classes = dict(_classes(trees.values()))
    for path, tree in trees.items():
        for node in ast.walk(tree):
            for code in _given(node):
                found[code].places.append(f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}")
            if isinstance(node, ast.Call):
                code = _code_of_call(node, of_classes)
                found[code].messages += _messages(node) if code else []
    for folder in ("roles", "playbooks"):
        for path in sorted((root / folder).rglob("*.yml")):
            _add_yaml(found, path, root)
    return {code: one for code, one in found.items() if one.places}


def _given(node: ast.AST) -> Iterator[str]:
    """The code, if the node is a text constant with a code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
        yield node.value


def _classes(trees: Iterable[ast.Module]) -> Iterator[tuple[str, str]]:
    """The names of exceptions, with their codes."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                    value = getattr(line, "value", None)
                    if isinstance(target, ast.Name) and target.id == "own_code" and isinstance(value, ast.Constant):
                        yield node.name, str(value.value)


def _code_of_call(call: ast.Call, of_classes: dict[str, str]) -> str:
    """The code of the failure that a call creates; empty if there is none."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for value in [*named, *call.args]:
        for code in _given(value):
            return code
    return "" if named else of_classes.get(getattr(call.func, "id", ""), "")


def _messages(call: ast.Call) -> list[str]:
    """The messages among its arguments, as regular expressions."""
    texts = [_text(argument) for argument in call.args]
    return [_pattern(text) for text in texts if len(text.replace(_ANY, "")) >= _SHORTEST and not _CODE.fullmatch(text)]


def _text(node: ast.expr) -> str:
    """A text, with :data:`_ANY` for parts that are known only at run time."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return _ANY


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split(_ANY))


def _add_yaml(found: dict[str, Found], path: Path, root: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"\[(TG-[A-Z-]+)\]", text):
        found[match[1]].places.append(f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}")
    for match in _IN_YAML.finditer(text):
        message = re.sub(r"\{\{.*?\}\}", _ANY, " ".join(match[1].split()))
        found[match[2]].messages.append(_pattern(message))
