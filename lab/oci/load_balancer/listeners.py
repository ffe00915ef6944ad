# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rules for a listener. Source: the API reference (ListenerDetails, SSLConfigurationDetails)."""

from __future__ import annotations

from lab.oci.errors import invalid
from lab.oci.load_balancer.catalogue import CUSTOMIZED_CIPHER_SUITE, PREDEFINED_CIPHER_SUITES, PROTOCOLS, TLS_PROTOCOLS
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.rule_sets import check_redirect_paths

_IDLE_TIMEOUT_SECONDS = {"TCP": 300}
_DEFAULT_IDLE_TIMEOUT_SECONDS = 60
#: field of a listener -> the collection of the load balancer with the resources that the field names.
_REFERENCES = {
    "defaultBackendSetName": "backendSets",
    "pathRouteSetName": "pathRouteSets",
    "routingPolicyName": "routingPolicies",
    "hostnameNames": "hostnames",
    "ruleSetNames": "ruleSets",
}
_ONLY_HTTP = ("hostnameNames", "pathRouteSetName", "routingPolicyName", "ruleSetNames")


def normalised_listener(balancer: Json, name: str, details: Json) -> Json:
    """A listener as it is stored: what a PUT or POST holds, and defaults for every known field that it leaves out.

    :raises ApiError: 400: the details break a rule.
    """
    fields = Fields(details, "listener")
    protocol = fields.text("protocol", required=True, allowed=PROTOCOLS) or ""
    idle_timeout = _IDLE_TIMEOUT_SECONDS.get(protocol, _DEFAULT_IDLE_TIMEOUT_SECONDS)
    known = {
        "name": name,
        "defaultBackendSetName": fields.text("defaultBackendSetName", required=True),
        "port": fields.integer("port", 1, 65535, required=True),
        "protocol": protocol,
        "hostnameNames": fields.texts("hostnameNames") or [],
        "pathRouteSetName": fields.text("pathRouteSetName"),
        "routingPolicyName": fields.text("routingPolicyName"),
        "sslConfiguration": normalised_ssl(balancer, fields.object("sslConfiguration")),
        "connectionConfiguration": _connection(fields.object("connectionConfiguration"), idle_timeout),
        "ruleSetNames": fields.texts("ruleSetNames") or [],
    }
    listener = details | known
    _check_protocol(listener)
    _check_references(balancer, listener)
    _check_port(balancer, listener)
    check_redirect_paths(balancer["ruleSets"], listener["ruleSetNames"])
    return listener


def normalised_ssl(balancer: Json, fields: Fields | None) -> Json | None:
    """An SSL configuration with its defaults: TLSv1.2 and ``oci-default-ssl-cipher-suite-v1``."""
    if fields is None:
        return None
    known = {
        "protocols": fields.texts("protocols", allowed=TLS_PROTOCOLS) or ["TLSv1.2"],
        "cipherSuiteName": _cipher_suite(balancer, fields) or "oci-default-ssl-cipher-suite-v1",
        "serverOrderPreference": fields.text("serverOrderPreference", allowed=("ENABLED", "DISABLED")) or "DISABLED",
        "certificateName": fields.text("certificateName"),
        "certificateIds": fields.texts("certificateIds") or [],
        "trustedCertificateAuthorityIds": fields.texts("trustedCertificateAuthorityIds") or [],
        "hasSessionResumption": fields.boolean("hasSessionResumption") or False,
        "verifyPeerCertificate": fields.boolean("verifyPeerCertificate") or False,
        "verifyDepth": fields.integer("verifyDepth", 0, 100),
    }
    _check_certificate(balancer, known, fields.where)
    return fields.data | known


def _cipher_suite(balancer: Json, fields: Fields) -> str | None:
    suite = fields.text("cipherSuiteName")
    # The service returns this name for suites of old listeners, but does not accept it.
    if suite == CUSTOMIZED_CIPHER_SUITE:
        raise invalid(f"{fields.where}.cipherSuiteName: {suite} is reserved; name a predefined or custom cipher suite.")
    if suite is not None and suite not in PREDEFINED_CIPHER_SUITES and suite not in balancer["sslCipherSuites"]:
        raise invalid(f"{fields.where}.cipherSuiteName: there is no cipher suite {suite!r}.")
    return suite


def _check_certificate(balancer: Json, ssl: Json, where: str) -> None:
    certificate = ssl["certificateName"]
    if certificate is None and not (ssl["certificateIds"] or ssl["trustedCertificateAuthorityIds"]):
        raise invalid(f"{where} needs a certificateName or certificateIds.")
    if certificate is not None and certificate not in balancer["certificates"]:
        raise invalid(f"{where}.certificateName: there is no certificate {certificate!r}.")
    if certificate is not None and ssl["certificateIds"]:
        raise invalid(f"{where} names a certificateName and certificateIds; it may have only one of them.")
    wrong = [name for name in ssl["certificateIds"] if not name.startswith("ocid1.certificate.")]
    if wrong:
        raise invalid(f"{where}.certificateIds: {wrong[0]!r} is not the OCID of a certificate.")


def _connection(fields: Fields | None, default_idle_timeout: int) -> Json:
    if fields is None:
        return {"idleTimeout": default_idle_timeout, "backendTcpProxyProtocolVersion": None}
    known = {
        "idleTimeout": fields.integer("idleTimeout", 1, 7200, required=True),
        "backendTcpProxyProtocolVersion": fields.integer("backendTcpProxyProtocolVersion", 1, 2),
    }
    return fields.data | known


def _check_protocol(listener: Json) -> None:
    if listener["protocol"] == "TCP":
        refused = [name for name in _ONLY_HTTP if listener[name]]
        if refused:
            raise invalid(f"{', '.join(refused)} cannot be used with a TCP listener, only with HTTP.")
    if listener["protocol"] in ("HTTP2", "GRPC") and listener["sslConfiguration"] is None:
        raise invalid(f"A listener with the protocol {listener['protocol']} needs an sslConfiguration.")


def _check_references(balancer: Json, listener: Json) -> None:
    for field, collection in _REFERENCES.items():
        value = listener[field]
        for name in value if isinstance(value, list) else [value]:
            if name is not None and name not in balancer[collection]:
                raise invalid(f"listener.{field}: there is no {name!r} among the load balancer's {collection}.")


def _check_port(balancer: Json, listener: Json) -> None:
    """Listeners share a port only by serving different host names over the same transport."""
    for other in balancer["listeners"].values():
        if other["name"] == listener["name"] or other["port"] != listener["port"]:
            continue
        _check_same_transport(other, listener)
        theirs, ours = set(other.get("hostnameNames") or []), set(listener["hostnameNames"])
        if theirs & ours or not (theirs or ours):
            raise invalid(f"Listener {other['name']!r} serves port {listener['port']} for the same host names already.")


def _check_same_transport(other: Json, listener: Json) -> None:
    port, theirs, ours = listener["port"], other.get("sslConfiguration"), listener["sslConfiguration"]
    if "TCP" in (other["protocol"], listener["protocol"]):
        raise invalid(f"Listener {other['name']!r} uses port {port} already, and a TCP listener shares it with nobody.")
    if bool(theirs) != bool(ours):
        raise invalid(f"Listener {other['name']!r} uses port {port} already, either with or without SSL.")
    if theirs and ours and set(theirs.get("protocols") or []) != set(ours["protocols"]):
        # The service's message, as quoted in issue 1095 of oci-cli.
        raise invalid(f"Not all SSL virtual listeners on port {port} have the same set of SSL protocols defined.")
