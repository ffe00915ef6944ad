# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Simple templates are evaluated to what Ansible makes of them, and all others are left to it."""

from __future__ import annotations

import typing as t
from functools import partial
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import ROLES, Host, plain
from ansible_collections.tidegate.failover.plugins.plugin_utils._simple_templates import UNDEFINED, simple

Json = dict[str, t.Any]

VALUES: list[Json] = [{}, {"a": ""}, {"a": "text"}, {"a": None, "b": 1}, {"a": [], "b": ["x"]}, {"a": False, "b": {}}]
TEMPLATES = (
    "{{ a }}",
    "{{a}}",
    "{{ a | default([]) }}",
    "{{ a | default({}, true) }}",
    "{{ a | default(b) | default('none') }}",
    "{{ a | default(b | default(3600), true) }}",
    "{{ a | default(none, true) }}",
    "{{ a | d(true) }}",
)


def _value_of(values: Json, name: str) -> t.Any:
    return values.get(name, UNDEFINED)


def ansible_value(template: str, variables: Json) -> t.Any:
    """What Ansible makes of it."""
    made: t.Any = Templar(loader=DataLoader(), variables=variables)
    return plain(made.template(trust_as_template(template)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_simple_template_is_what_ansible_makes_of_it(template: str) -> None:
    evaluate = simple(template)
    assert evaluate is not None
    for values in VALUES:
        value = evaluate(partial(_value_of, values))
        if value is UNDEFINED:
            with pytest.raises(AnsibleError):
                ansible_value(template, values)
        else:
            assert (value, type(value)) == ((expected := ansible_value(template, values)), type(expected)), values


@pytest.mark.parametrize(
    "template",
    [
        "text",
        "a {{ b }}",
        "{{ a }}{{ b }}",
        "{{ a.b }}",
        "{{ a | length }}",
        "{{ a | default(b, boolean=true) }}",
        "{{ a | default(b, c) }}",
        "{{ a | default(b, 'false') }}",
        "{{ a | default('') }}\n",
        "{{- a -}}\n",
        r"{{ a | default('C:\new') }}",
        "{{ a | default }}",
        "{{ [a] }}",
        "{{ lookup('env', 'HOME') }}",
        "{{ range }}",
        "{{ omit }}",
        "{% if a %}{{ a }}{% endif %}",
        "{{ a",
    ],
)
def test_any_other_template_is_left_to_ansible(template: str) -> None:
    assert simple(template) is None


def _of_roles() -> list[str]:
    loader = t.cast("t.Any", DataLoader())
    files: list[Path] = sorted(ROLES.glob("*/defaults/main.yml"))
    values = [value for file in files for value in (loader.load_from_file(str(file)) or {}).values()]
    return sorted({str(value) for value in values if isinstance(value, str) and "{{" in value})


@pytest.mark.parametrize("template", _of_roles())
def test_the_defaults_of_roles_are_what_ansible_makes_of_them(template: str) -> None:
    variables = {"inventory_hostname": "checkout", "notify_to": [{"name": "on-call"}], "record_dir": "records"}
    text = trust_as_template(template)
    host = Host("checkout", {**variables, "made": text}, DataLoader())
    try:
        expected = ansible_value(template, variables)
    except AnsibleError:
        with pytest.raises(AnsibleError):
            host.value("made")
    else:
        assert host.value("made") == expected


def test_a_text_that_is_no_template_to_ansible_stays_as_it_is() -> None:
    assert Host("checkout", {"a": "x", "made": "{{ a }}"}, DataLoader()).value("made") == "{{ a }}"


def test_a_fallback_that_is_not_needed_may_be_undefined() -> None:
    variables = {"a": 1, "b": trust_as_template("{{ missing }}"), "made": trust_as_template("{{ a | default(b) }}")}
    assert Host("checkout", variables, DataLoader()).value("made") == 1


def test_what_is_undefined_further_down_has_the_fallback_that_ansible_gives_it() -> None:
    variables = {"b": trust_as_template("{{ missing }}"), "made": trust_as_template("{{ b | default('other') }}")}
    expected = ansible_value("{{ made }}", variables)
    assert Host("checkout", variables, DataLoader()).value("made") == expected


def test_a_variable_that_is_made_of_itself_is_an_error_of_ansible() -> None:
    variables = {"a": trust_as_template("{{ b | default(1) }}"), "b": trust_as_template("{{ a }}")}
    with pytest.raises(AnsibleError):
        Host("checkout", variables, DataLoader()).value("a")


def test_what_is_omitted_is_left_out_of_what_it_is_in() -> None:
    omitted = trust_as_template("{{ a | default(omit) }}")
    made = {"http": {"url": "https://a.example.com/", "ca_path": omitted}, "list": [1, omitted]}
    value = Host("checkout", {"made": made}, DataLoader()).value("made")
    assert value == {"http": {"url": "https://a.example.com/"}, "list": [1]}
    assert value == ansible_value("{{ made }}", {"made": made})
