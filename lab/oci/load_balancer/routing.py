# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Certificates, host names, path route sets, routing policies and cipher suites: checked, stored and returned."""

from __future__ import annotations

from cryptography import x509

from lab.oci.errors import invalid
from lab.oci.load_balancer.catalogue import CUSTOMIZED_CIPHER_SUITE, PREDEFINED_CIPHER_SUITES
from lab.oci.load_balancer.fields import IDENTIFIER, Fields, Json
from lab.oci.load_balancer.routing_conditions import UnreadableConditionError, check_condition
from lab.oci.load_balancer.rule_sets import PATH_OPERATORS

#: Fields that the service accepts and never returns.
SECRET_FIELDS = ("privateKey", "passphrase")


def normalised_certificate(_unused: Json, name: str, details: Json) -> Json:
    """A certificate bundle. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, "certificate")
    public = fields.text("publicCertificate")
    if public is not None:
        try:
            x509.load_pem_x509_certificates(public.encode("ascii"))
        except ValueError as error:
            raise invalid("certificate.publicCertificate is no certificate in PEM form.") from error
        fields.text("privateKey", required=True)
    elif fields.text("caCertificate") is None:
        raise invalid("A certificate bundle needs a publicCertificate or a caCertificate.")
    return details | {
        "certificateName": name,
        "publicCertificate": public,
        "caCertificate": fields.text("caCertificate"),
    }


def normalised_hostname(_unused: Json, name: str, details: Json) -> Json:
    """A virtual host name. :raises ApiError: 400: the details break a rule."""
    return details | {"name": name, "hostname": Fields(details, "hostname").text("hostname", required=True)}


def normalised_path_route_set(balancer: Json, name: str, details: Json) -> Json:
    """A path route set. :raises ApiError: 400: the details break a rule."""
    for route in Fields(details, "pathRouteSet").objects("pathRoutes", required=True):
        route.text("path", required=True)
        match = route.object("pathMatchType", required=True)
        if match is not None:
            match.text("matchType", required=True, allowed=PATH_OPERATORS)
        _check_backend_set(balancer, route)
    return details | {"name": name}


def normalised_routing_policy(balancer: Json, name: str, details: Json) -> Json:
    """A routing policy. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, "routingPolicy")
    version = fields.text("conditionLanguageVersion", allowed=("V1",)) or "V1"
    rules = fields.objects("rules", required=True)
    for rule in rules:
        _check_routing_rule(balancer, rule)
    names = [rule.data["name"] for rule in rules]
    if len(set(names)) < len(names):
        raise invalid("routingPolicy.rules holds one name twice.")
    return details | {"name": name, "conditionLanguageVersion": version}


def _check_routing_rule(balancer: Json, rule: Fields) -> None:
    rule.text("name", required=True, pattern=IDENTIFIER)
    try:
        check_condition(rule.text("condition", required=True) or "")
    except UnreadableConditionError as error:
        raise rule.wrong("condition", f"cannot be read: {error}") from error
    actions = rule.objects("actions", required=True)
    if len(actions) != 1:
        raise rule.wrong("actions", "must hold one action")
    actions[0].text("name", required=True, allowed=("FORWARD_TO_BACKENDSET",))
    _check_backend_set(balancer, actions[0])


def _check_backend_set(balancer: Json, fields: Fields) -> None:
    backend_set = fields.text("backendSetName", required=True)
    if backend_set not in balancer["backendSets"]:
        raise invalid(f"{fields.where}.backendSetName: there is no backend set {backend_set!r}.")


def normalised_cipher_suite(_unused: Json, name: str, details: Json) -> Json:
    """A custom cipher suite. :raises ApiError: 400: the details break a rule."""
    if name in (*PREDEFINED_CIPHER_SUITES, CUSTOMIZED_CIPHER_SUITE):
        raise invalid(f"sslCipherSuite.name: {name} is the name of a predefined or reserved cipher suite.")
    if not Fields(details, "sslCipherSuite").texts("ciphers", required=True):
        raise invalid("A cipher suite needs at least one cipher.")
    return details | {"name": name}
