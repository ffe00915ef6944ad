# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Templates that are only names of variables, constants, and the filter ``default``.

Most defaults of roles are such templates, for example ``{{ notify_to | default([]) }}``. For each template that it
evaluates, Ansible makes a context of all variables of the host. With many services, this takes most of the time of
reading their state.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes

#: The value of an undefined name.
UNDEFINED: t.Any = object()
#: Finds the value of a variable; :data:`UNDEFINED` if there is none.
ValueOf = Callable[[str], t.Any]
#: Evaluates a template of this kind.
Simple = Callable[[ValueOf], t.Any]

#: Names that are defined, but are no variables.
_NO_VARIABLES = frozenset({*Environment().globals, "lookup", "query", "q", "now", "undef", "omit"})  # noqa: S701
#: The names of the filter, and the largest number of arguments that is supported.
_DEFAULT, _MOST_ARGUMENTS = ("default", "d", "ansible.builtin.default"), 2


@cache
def simple(template: str) -> Simple | None:
    """A function that evaluates a template; None if the template is not simple."""
    # Ansible escapes backslashes in constants, and keeps a line break after the template.
    if "\\" in template or template.endswith("\n"):
        return None
    try:
        body = Environment().parse(template).body  # noqa: S701 - nothing is rendered
    except TemplateSyntaxError:
        return None
    output = body[0] if len(body) == 1 else None
    return _simple(output.nodes[0]) if isinstance(output, nodes.Output) and len(output.nodes) == 1 else None


def _simple(node: nodes.Node) -> Simple | None:
    if isinstance(node, nodes.Name) and node.name not in _NO_VARIABLES:
        name = node.name
        return lambda value_of: value_of(name)
    if isinstance(node, nodes.Const):
        constant = node.value
        return lambda _value_of: constant
    if isinstance(node, nodes.List | nodes.Dict) and not node.items:
        kind = list if isinstance(node, nodes.List) else dict
        return lambda _value_of: kind()
    return _simple_default(node) if isinstance(node, nodes.Filter) else None


def _simple_default(node: nodes.Filter) -> Simple | None:
    """``given | default(other)``, also with ``true`` as second argument, with which empty values count as not given."""
    is_plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and 1 <= len(node.args) <= _MOST_ARGUMENTS
    if node.name not in _DEFAULT or not is_plain or node.node is None:
        return None
    given, other = _simple(node.node), _simple(node.args[0])
    of_empty = node.args[1] if len(node.args) == _MOST_ARGUMENTS else nodes.Const(False)
    if given is None or other is None or not (isinstance(of_empty, nodes.Const) and isinstance(of_empty.value, bool)):
        return None

    def evaluated(value_of: ValueOf) -> t.Any:
        value = given(value_of)
        return other(value_of) if value is UNDEFINED or (of_empty.value and not value) else value

    return evaluated
