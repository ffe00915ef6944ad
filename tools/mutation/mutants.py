# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The mutants of a file: one small change each, by the operators of cosmic-ray."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

#: Each comparison becomes its opposite and its neighbour at the boundary. All 56 pairs would find nothing more.
_COMPARISONS = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE"),
    *("LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
)
_ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "BitOr_BitAnd", "BitAnd_BitOr")
OPERATORS = (
    *(f"ReplaceComparisonOperator_{pair}" for pair in _COMPARISONS),
    *(f"ReplaceBinaryOperator_{pair}" for pair in _ARITHMETIC),
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd", "NumberReplacer"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop", "ExceptionReplacer"),
)

_PARAMETER_KIND = re.compile(r"[*/]\s*[,):]")

Position = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """A small change of a file.

    :ivar place: the function or class that it is in; empty at the top of the file.
    :ivar line: where it begins.
    :ivar before: the lines that it changes, without indentation.
    :ivar after: what they become.
    :ivar text: the whole file with the change.
    """

    file: str
    place: str
    line: int
    before: str
    after: str
    text: str

    @property
    def name(self) -> tuple[str, str, str, str]:
        """The identity of the mutant, which stays the same when lines are added above it."""
        return (self.file, self.place, self.before, self.after)


def mutants(file: str, source: str) -> list[Mutant]:
    """All mutants of a file that a test could notice, in the order of their lines, each change once."""
    noise, lines = list(_noise(ast.parse(source))), source.splitlines()
    found: dict[str, Mutant] = {}
    for operator in OPERATORS:
        # Occurrences are left out here and not earlier, because cosmic-ray counts all of them.
        for occurrence, (place, begin, end) in enumerate(_positions(operator, source)):
            # A star or slash between parameters is not an operator.
            if _PARAMETER_KIND.match(lines[begin[0] - 1], begin[1]):
                continue
            if any(start <= begin and end <= stop for start, stop in noise):
                continue
            text = mutate_code(source, get_operator(f"core/{operator}")(), occurrence)
            if text is not None and _means_something_else(text, source):
                found.setdefault(text, _mutant(file, place, source, text))
    return sorted(found.values(), key=lambda mutant: mutant.line)


def _positions(operator: str, source: str) -> Iterator[tuple[str, Position, Position]]:
    instance = get_operator(f"core/{operator}")()
    for node in ast_nodes(get_ast(source)):
        for begin, end in instance.mutation_positions(node):
            yield ASTQuery(node).get_definition_name() or "", begin, end


def _means_something_else(text: str, source: str) -> bool:
    try:
        return ast.dump(ast.parse(text)) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


def _mutant(file: str, place: str, source: str, text: str) -> Mutant:
    old, new = source.splitlines(), text.splitlines()
    changes = [
        change
        for change in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    first, last = changes[0], changes[-1]
    before = " ".join(line.strip() for line in old[first[1] : last[2]])
    after = " ".join(line.strip() for line in new[first[3] : last[4]])
    return Mutant(file, place, first[1] + 1, before, after, text)


def _noise(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Places where a change does not change a decision: types, decorators of classes, and constants of a file."""
    for node in ast.walk(tree):
        for part in _without_meaning(node):
            if part is not None:
                yield (part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0)


def _without_meaning(node: ast.AST) -> Iterator[ast.expr | ast.stmt | None]:
    match node:
        case ast.AnnAssign(col_offset=0):
            yield node
        case ast.arg() | ast.AnnAssign():
            yield node.annotation
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.returns
        case ast.ClassDef():
            yield from node.decorator_list
        case ast.If(test=ast.Attribute(attr="TYPE_CHECKING")):
            yield node
        case ast.Call(func=ast.Attribute(attr="cast"), args=[kind, *_]):
            yield kind
        case ast.Call(func=ast.Name("zip")):
            yield from (word.value for word in node.keywords)
        case ast.Assign(col_offset=0):
            # Chosen values, and not decisions: seconds, numbers of characters, aliases of types.
            yield node.value
