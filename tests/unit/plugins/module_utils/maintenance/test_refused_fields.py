# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What may be left out of an update because the service refuses it, and what never."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.refused_fields import (
    AT_MOST,
    LeftOut,
    refused_paths,
    value_at,
    without,
)
from oci.load_balancer import models

LISTENER = {
    "port": 80,
    "x": 1,
    "sslConfiguration": {"protocols": ["TLSv1.2"], "x": 2, "y": {"x": 3}},
    "connectionConfiguration": {"idleTimeout": 60, "z": None},
}


@pytest.mark.parametrize(
    ("field", "path", "expected"),
    [
        ("x", ("x",), [("x",)]),
        ("x", ("sslConfiguration", "x"), [("sslConfiguration", "x")]),
        ("x", ("sslConfiguration", "y", "x"), [("sslConfiguration", "y", "x")]),
        ("x", (), [("x",), ("sslConfiguration", "x"), ("sslConfiguration", "y", "x")]),
        ("z", (), [("connectionConfiguration", "z")]),
        ("nowhere", (), []),
    ],
)
def test_only_the_refused_field_is_meant(field: str, path: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    assert refused_paths(LISTENER, field, path) == expected


@pytest.mark.parametrize(
    ("model", "outer"),
    [
        (models.UpdateListenerDetails, ()),
        (models.SSLConfigurationDetails, ("sslConfiguration",)),
        (models.ConnectionConfiguration, ("connectionConfiguration",)),
    ],
)
def test_i1_a_field_that_the_api_reference_knows_is_never_left_out(model: type, outer: tuple[str, ...]) -> None:
    for field in model().attribute_map.values():
        listener = {outer[0]: {field: "value"}} if outer else {field: "value"}
        assert refused_paths(listener, field, (*outer, field)) == []
        assert refused_paths(listener, field, ()) == []


def test_i1_a_known_field_that_is_refused_does_not_make_another_one_of_its_name_go() -> None:
    listener = {"sslConfiguration": {"protocols": ["TLSv1.2"]}, "new": {"protocols": 1}}
    assert refused_paths(listener, "protocols", ("sslConfiguration", "protocols")) == []


def test_what_is_left_out_is_all_that_is_missing() -> None:
    paths = [("x",), ("sslConfiguration", "y", "x"), ("nowhere", "at", "all")]
    left = without(LISTENER, paths)
    assert left == {
        **{key: value for key, value in LISTENER.items() if key != "x"},
        "sslConfiguration": {"protocols": ["TLSv1.2"], "x": 2, "y": {}},
    }
    assert value_at(LISTENER, ("sslConfiguration", "y", "x")) == 3


def test_a_field_that_is_refused_although_it_was_left_out_ends_the_attempts() -> None:
    left_out = LeftOut()
    assert left_out.add(LISTENER, "x", ("x",))
    assert not left_out.add(LISTENER, "x", ("x",))


def test_the_number_of_fields_that_are_left_out_is_bounded() -> None:
    left_out = LeftOut()
    listener = {f"new{number}": 1 for number in range(AT_MOST + 5)}
    assert sum(left_out.add(listener, name, (name,)) for name in listener) == AT_MOST


def test_security_attributes_are_left_out_only_if_leaving_out_the_tags_does_not_help() -> None:
    left_out = LeftOut()
    body: dict[str, dict[str, dict[str, str]]] = {
        "definedTags": {"a": {}},
        "securityAttributes": {"b": {}},
        "freeformTags": {},
    }
    assert (left_out.add_of_load_balancer(body), left_out.load_balancer_fields) == (True, ("definedTags",))
    assert left_out.add_of_load_balancer(body)
    assert left_out.load_balancer_fields == ("definedTags", "securityAttributes")
    assert not left_out.add_of_load_balancer(body)


def test_nothing_is_left_out_of_a_load_balancer_that_refers_to_nothing() -> None:
    assert not LeftOut().add_of_load_balancer({"definedTags": {}, "freeformTags": {"a": "b"}})
