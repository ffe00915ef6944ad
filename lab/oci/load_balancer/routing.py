# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Certificates, host names, path route sets, routing policies and cipher suites: stored, checked and given back."""

from __future__ import annotations

from cryptography import x509

from lab.oci.errors import invalid
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.rule_sets import PATH_OPERATORS

#: Fields that the service takes and never gives back.
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
        backend_set = route.text("backendSetName", required=True)
        if backend_set not in balancer["backendSets"]:
            raise invalid(f"{route.where}.backendSetName: there is no backend set {backend_set!r}.")
    return details | {"name": name}


def normalised_routing_policy(_unused: Json, name: str, details: Json) -> Json:
    """A routing policy. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, "routingPolicy")
    version = fields.text("conditionLanguageVersion", allowed=("V1",)) or "V1"
    for rule in fields.objects("rules", required=True):
        rule.name("name", required=True)
        rule.text("condition", required=True)
        rule.objects("actions", required=True)
    return details | {"name": name, "conditionLanguageVersion": version}


def normalised_cipher_suite(_unused: Json, name: str, details: Json) -> Json:
    """A custom cipher suite. :raises ApiError: 400: the details break a rule."""
    if not Fields(details, "sslCipherSuite").texts("ciphers", required=True):
        raise invalid("A cipher suite needs at least one cipher.")
    return details | {"name": name}
