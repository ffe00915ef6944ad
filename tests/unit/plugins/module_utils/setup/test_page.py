# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is missing of a page on a load balancer, in which order, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import page

Json = dict[str, t.Any]

PARAMS: Json = {
    "state": "present",
    "load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaa",
    "listener": "sorry",
    "backend_set": "sorry",
    "rule_set": "sorry",
    "port": 8443,
    "certificate_name": "checkout",
    "certificate_ids": None,
    "backends": [{"ip_address": "192.0.2.10", "port": 443}],
    "backend_tls": True,
    "backend_ca_certificate_name": "checkout",
    "backend_ca_ids": None,
    "backend_verify_depth": 3,
    "health_check_path": "/",
    "health_check_status": 503,
    "redirect_code": 302,
    "redirect_host": "{host}",
    "page_path": "{path}",
    "redirect_paths": ["/"],
    "redirect_exact_paths": [],
    "keep_paths": [],
    "adopt": False,
}
EMPTY: Json = {
    "displayName": "checkout",
    "freeformTags": {"team": "web"},
    "certificates": {"checkout": {"caCertificate": "PEM"}},
    "listeners": {
        "https": {"port": 443, "defaultBackendSetName": "app", "sslConfiguration": {"certificateName": "checkout"}}
    },
    "backendSets": {"app": {}},
    "ruleSets": {},
}


def made(load_balancer: Json, **more: object) -> list[str]:
    steps = page.missing_steps({**PARAMS, **more}, load_balancer)
    return [f"{step.verb} {step.kind}" for step in steps]


def after(load_balancer: Json, **more: object) -> Json:
    for step in page.missing_steps({**PARAMS, **more}, load_balancer):
        load_balancer = page.after_step(load_balancer, step)
    return load_balancer


WHOLE = after(EMPTY)


def test_the_tag_comes_before_what_it_claims() -> None:
    assert made(EMPTY) == ["update load balancer", "create backend set", "create rule set", "create listener"]


def test_nothing_is_missing_where_all_is_there() -> None:
    assert made(WHOLE) == []


def test_backends_are_compared_without_their_order() -> None:
    two = [{"ip_address": "192.0.2.11", "port": 443}, {"ip_address": "192.0.2.10", "port": 443}]
    assert made(after(EMPTY, backends=two), backends=two[::-1]) == []


def test_only_what_differs_is_updated() -> None:
    assert made(WHOLE, redirect_code=307) == ["update rule set"]


def test_a_certificate_that_is_not_wanted_any_more_goes() -> None:
    assert "update listener" in made(WHOLE, certificate_name=None)


def test_absent_goes_backwards_and_leaves_everything_else() -> None:
    assert made(WHOLE, state="absent")[-1] == "update load balancer"
    assert after(WHOLE, state="absent") == EMPTY


def test_absent_where_nothing_is_does_nothing() -> None:
    assert made(EMPTY, state="absent") == []


def test_what_an_aborted_run_left_behind_is_claimed_and_completed() -> None:
    first = page.after_step(EMPTY, page.missing_steps(PARAMS, EMPTY)[0])
    assert made(first) == ["create backend set", "create rule set", "create listener"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_objects_that_nobody_claims_are_refused_unless_adopted(state: str) -> None:
    foreign = {**EMPTY, "ruleSets": {"sorry": {"items": []}}}
    with pytest.raises(RefusedError, match="did not create that"):
        made(foreign, state=state)
    assert made(foreign, state=state, adopt=True)


def test_a_page_that_is_up_is_not_removed() -> None:
    listeners = {**WHOLE["listeners"], "https": {**EMPTY["listeners"]["https"], "ruleSetNames": ["sorry"]}}
    with pytest.raises(RefusedError, match="maintenance is on there.*exit_maintenance"):
        made({**WHOLE, "listeners": listeners}, state="absent")


def test_a_page_that_is_up_in_place_is_not_removed() -> None:
    listeners = {**WHOLE["listeners"], "https": {**EMPTY["listeners"]["https"], "defaultBackendSetName": "sorry"}}
    with pytest.raises(RefusedError, match="also that of https.*exit_maintenance"):
        made({**WHOLE, "listeners": listeners}, state="absent")


def test_tls_to_the_page_is_verified() -> None:
    found = page.wanted(PARAMS)["backend_set"]["sslConfiguration"]
    assert found == {"certificateName": "checkout", "verifyPeerCertificate": True, "verifyDepth": 3}


def test_a_tag_keeps_the_settings_that_an_update_could_reset() -> None:
    (first, *_more) = page.missing_steps(PARAMS, {**EMPTY, "definedTags": {"a": {"b": "c"}}})
    assert first.body["definedTags"] == {"a": {"b": "c"}}
    assert first.body["freeformTags"] == {"team": "web", "tidegate-page-sorry": "sorry sorry"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"load_balancer_id": "ocid1.networkloadbalancer.oc1"}, "no redirects"),
        ({"backends": [{"ip_address": "page.example.com", "port": 443}]}, "is an IP address"),
        ({"backends": []}, "backends is empty"),
        ({"backend_ca_certificate_name": None}, "needs the authority"),
        ({"redirect_paths": []}, "nobody would get the page"),
        ({"redirect_paths": ["shop"]}, "does not begin with a slash"),
        ({"redirect_paths": [f"/{n}" for n in range(21)]}, "at most 20"),
        ({"keep_paths": ["/lb-check"]}, "know no exceptions"),
        ({"backend_set": "x" * 33}, "OCI allows 32"),
        ({"rule_set": "a b"}, "Use letters"),
    ],
)
def test_options_that_cannot_mean_anything_are_refused(wrong: Json, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        page.check_options({**PARAMS, **wrong})


def test_a_path_that_no_redirect_covers_is_kept() -> None:
    page.check_options(
        {**PARAMS, "redirect_paths": ["/shop"], "redirect_exact_paths": ["/"], "keep_paths": ["/lb-check"]}
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"certificate_name": "nowhere"}, "no certificate 'nowhere'"),
        ({"backend_ca_certificate_name": "nowhere"}, "no certificate 'nowhere'"),
        ({"port": 443}, "belongs to the listener 'https'"),
    ],
)
def test_what_is_not_there_or_taken_is_refused(wrong: Json, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        made(EMPTY, **wrong)


def test_a_page_without_a_certificate_is_warned_of_where_users_come_by_https() -> None:
    assert page.warnings(EMPTY, {**PARAMS, "certificate_name": None}) != []
    assert page.warnings(EMPTY, PARAMS) == []
