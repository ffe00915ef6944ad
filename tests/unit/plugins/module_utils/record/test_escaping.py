# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Texts from outside stay text where they go."""

from __future__ import annotations

import re

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.escaping import escaped_for
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("form", "text", "written"),
    [
        ("line", "a\n\tb\x1b[31mc\u202ed\x00", "a b [31mc d"),
        ("line", None, ""),
        ("line", 7, "7"),
        ("line", "<b> & `c` | d", "<b> & `c` | d"),
        ("markdown", "<script>a & b</script>", "&lt;script&gt;a &amp; b&lt;/script&gt;"),
        ("markdown", "a | b\n| c", r"a \| b \| c"),
        ("markdown", "![x](https://example.com) `y` *z* ~w~", r"!\[x\](https://example.com) \`y\` \*z\* \~w\~"),
        ("markdown", "back\\slash", r"back\\slash"),
        ("markdown", "checkout_db and _this_", r"checkout_db and \_this\_"),
        ("markdown", "# heading", r"\# heading"),
        ("markdown", "12. item", r"12\. item"),
        ("markdown", "- item", r"\- item"),
        ("markdown", "> quote", "&gt; quote"),
        ("code", "a`b```c\nd", "a'b'''c d"),
        (
            "slack",
            "<!channel> & <https://example.com|login>",
            "&lt;!channel&gt; &amp; &lt;https://example.com|login&gt;",
        ),
        ("slack", "one\ntwo\x1b", "one\ntwo"),
        ("slack", "[login](https://example.com)", "[login]\u200b(https://example.com)"),
        ("slack", "@channel @Here @all @alice", "@\u200bchannel @\u200bHere @\u200ball @alice"),
    ],
)
def test_a_text_stays_text(form: str, text: object, written: str) -> None:
    assert escaped_for(text, form) == written


@given(st.text())
def test_no_text_leaves_its_line(text: str) -> None:
    assert all("\n" not in escaped_for(text, form) for form in ("line", "markdown", "code"))


@given(st.text(alphabet="<>&|`[]()*_~\\#a \n"))
def test_no_text_becomes_markup(text: str) -> None:
    markdown, slack = escaped_for(text, "markdown"), escaped_for(text, "slack")
    assert not re.search(r"[<>]", markdown + slack)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*\[\]|~]", markdown)
    assert "](" not in slack


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(RefusedError, match="There is no form 'html' to escape for"):
        escaped_for("a", "html")
