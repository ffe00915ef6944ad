# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The fields that the body of a request may hold. The service refuses all others. Source: the API reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lab.oci.errors import ApiError, invalid

#: The possible values of a field: another model, several by name, several by an action, or anything.
Inner: TypeAlias = "Model | Named | ByAction | None"


@dataclass(frozen=True)
class Model:
    """An object of the API.

    :ivar plain: fields whose values have no fields.
    :ivar inner: fields that hold an object, or a list of objects, of another model.
    """

    name: str
    plain: frozenset[str]
    inner: Mapping[str, Inner] = field(default_factory=dict)

    @property
    def known(self) -> set[str]:
        """All fields of the object."""
        return {*self.plain, *self.inner}

    def called(self, name: str, *more: str) -> Model:
        """The same model under the name of another operation, with more fields."""
        return Model(name, self.plain | set(more), self.inner)


@dataclass(frozen=True)
class Named:
    """An object whose fields are names chosen by the client. Each holds an object of one model."""

    model: Model


@dataclass(frozen=True)
class ByAction:
    """An object whose fields depend on its ``action``."""

    models: Mapping[str, Model]


def check_known(data: object, model: Inner) -> None:
    """Refuse unknown fields. Other checks find values of a wrong kind.

    :raises ApiError: 400 InvalidParameter, with the message of the service.
    """
    if isinstance(data, list):
        for item in data:
            check_known(item, model)
    elif isinstance(data, dict):
        _check_object(data, model)


def _check_object(data: dict[str, object], model: Inner) -> None:
    if isinstance(model, Named):
        check_known(list(data.values()), model.model)
    elif isinstance(model, ByAction):
        _check_object(data, model.models.get(str(data.get("action"))))
    elif model is not None:
        for name, value in data.items():
            if name not in model.known:
                raise _unrecognized(name, model)
            check_known(value, model.inner.get(name))


def _unrecognized(name: str, model: Model) -> ApiError:
    known = ", ".join(f'"{one}"' for one in sorted(model.known))
    return invalid(
        f'Unrecognized field "{name}" (class {model.name}), not marked as ignorable '
        f"({len(model.known)} known properties: {known})"
    )


def _model(name: str, *plain: str, **inner: Inner) -> Model:
    return Model(name, frozenset(plain), inner)


_SSL = _model(
    "SSLConfigurationDetails",
    "protocols",
    "cipherSuiteName",
    "serverOrderPreference",
    "certificateName",
    "certificateIds",
    "trustedCertificateAuthorityIds",
    "hasSessionResumption",
    "verifyPeerCertificate",
    "verifyDepth",
)
_CONNECTION = _model(
    "ConnectionConfiguration", "idleTimeout", "backendTcpProxyProtocolVersion", "backendTcpProxyProtocolOptions"
)
_LISTENER = _model(
    "ListenerDetails",
    "defaultBackendSetName",
    "port",
    "protocol",
    "hostnameNames",
    "pathRouteSetName",
    "routingPolicyName",
    "ruleSetNames",
    sslConfiguration=_SSL,
    connectionConfiguration=_CONNECTION,
)
_BACKEND_SETTINGS = _model("UpdateBackendDetails", "weight", "maxConnections", "backup", "drain", "offline")
_BACKEND = _BACKEND_SETTINGS.called("BackendDetails", "ipAddress", "port")
_HEALTH_CHECKER = _model(
    "HealthCheckerDetails",
    "protocol",
    "urlPath",
    "port",
    "returnCode",
    "retries",
    "timeoutInMillis",
    "intervalInMillis",
    "responseBodyRegex",
    "isForcePlainText",
)
_PERSISTENCE = _model("SessionPersistenceConfigurationDetails", "cookieName", "disableFallback")
_BACKEND_SET = _model(
    "BackendSetDetails",
    "policy",
    "backendMaxConnections",
    backends=_BACKEND,
    healthChecker=_HEALTH_CHECKER,
    sslConfiguration=_SSL,
    sessionPersistenceConfiguration=_PERSISTENCE,
    lbCookieSessionPersistenceConfiguration=_PERSISTENCE.called(
        "LBCookieSessionPersistenceConfigurationDetails",
        "domain",
        "path",
        "maxAgeInSeconds",
        "isSecure",
        "isHttpOnly",
    ),
)
_CERTIFICATE = _model(
    "CertificateDetails", "certificateName", "publicCertificate", "caCertificate", "privateKey", "passphrase"
)
_CONDITION = _model("RuleCondition", "attributeName", "attributeValue")
_REDIRECT_URI = _model("RedirectUri", "protocol", "host", "port", "path", "query")
_ADD_HEADER = _model("AddHttpHeaderRule", "action", "header", "value")
_EXTEND_HEADER = _model("ExtendHttpHeaderValueRule", "action", "header", "prefix", "suffix")
_REMOVE_HEADER = _model("RemoveHttpHeaderRule", "action", "header")
_RULE = ByAction(
    {
        "ADD_HTTP_REQUEST_HEADER": _ADD_HEADER,
        "EXTEND_HTTP_REQUEST_HEADER_VALUE": _EXTEND_HEADER,
        "REMOVE_HTTP_REQUEST_HEADER": _REMOVE_HEADER,
        "ADD_HTTP_RESPONSE_HEADER": _ADD_HEADER,
        "EXTEND_HTTP_RESPONSE_HEADER_VALUE": _EXTEND_HEADER,
        "REMOVE_HTTP_RESPONSE_HEADER": _REMOVE_HEADER,
        "ALLOW": _model("AllowRule", "action", "description", conditions=_CONDITION),
        "CONTROL_ACCESS_USING_HTTP_METHODS": _model(
            "ControlAccessUsingHttpMethodsRule", "action", "allowedMethods", "statusCode"
        ),
        "REDIRECT": _model(
            "RedirectRule",
            "action",
            "responseCode",
            conditions=_CONDITION.called("PathMatchCondition", "operator"),
            redirectUri=_REDIRECT_URI,
        ),
        "HTTP_HEADER": _model("HttpHeaderRule", "action", "areInvalidCharactersAllowed", "httpLargeHeaderSizeInKB"),
        "IP_BASED_MAX_CONNECTIONS": _model(
            "IpBasedMaxConnectionsRule",
            "action",
            "defaultMaxConnections",
            ipMaxConnections=_model("IpMaxConnections", "ipAddresses", "maxConnections"),
        ),
    }
)
_RULE_SET = _model("RuleSetDetails", items=_RULE)
_HOSTNAME = _model("HostnameDetails", "name", "hostname")
_PATH_ROUTE_SET = _model(
    "PathRouteSetDetails",
    pathRoutes=_model("PathRoute", "path", "backendSetName", pathMatchType=_model("PathMatchType", "matchType")),
)
_ROUTING_POLICY = _model(
    "RoutingPolicyDetails",
    rules=_model("RoutingRule", "name", "condition", actions=_model("ForwardToBackendSet", "name", "backendSetName")),
)
_CIPHER_SUITE = _model("SSLCipherSuiteDetails", "ciphers", "name")
_SHAPE = _model("ShapeDetails", "minimumBandwidthInMbps", "maximumBandwidthInMbps")
_BALANCER = _model(
    "UpdateLoadBalancerDetails",
    "displayName",
    "ipMode",
    "ipv6SubnetCidr",
    "isDeleteProtectionEnabled",
    "isRequestIdEnabled",
    "requestIdHeader",
    "freeformTags",
    "definedTags",
    "securityAttributes",
    reservedIps=_model("ReservedIP", "id"),
)
_NEW_BALANCER = Model(
    "CreateLoadBalancerDetails",
    _BALANCER.plain | {"compartmentId", "shapeName", "isPrivate", "networkSecurityGroupIds", "subnetIds"},
    {
        **_BALANCER.inner,
        "shapeDetails": _SHAPE,
        "listeners": Named(_LISTENER),
        "hostnames": Named(_HOSTNAME),
        "backendSets": Named(_BACKEND_SET),
        "certificates": Named(_CERTIFICATE),
        "sslCipherSuites": Named(_CIPHER_SUITE),
        "pathRouteSets": Named(_PATH_ROUTE_SET),
        "ruleSets": Named(_RULE_SET),
    },
)

#: operation -> the model of its body. CreateLoadBalancer cannot create routing policies.
BODIES: Mapping[str, Model] = {
    "CreateLoadBalancer": _NEW_BALANCER,
    "UpdateLoadBalancer": _BALANCER,
    "UpdateLoadBalancerShape": _model("UpdateLoadBalancerShapeDetails", "shapeName", shapeDetails=_SHAPE),
    "UpdateNetworkSecurityGroups": _model("UpdateNetworkSecurityGroupsDetails", "networkSecurityGroupIds"),
    "CreateListener": _LISTENER.called("CreateListenerDetails", "name"),
    "UpdateListener": _LISTENER.called("UpdateListenerDetails"),
    "CreateBackendSet": _BACKEND_SET.called("CreateBackendSetDetails", "name"),
    "UpdateBackendSet": _BACKEND_SET.called("UpdateBackendSetDetails"),
    "CreateBackend": _BACKEND.called("CreateBackendDetails"),
    "UpdateBackend": _BACKEND_SETTINGS,
    "UpdateHealthChecker": _HEALTH_CHECKER.called("UpdateHealthCheckerDetails"),
    "CreateCertificate": _CERTIFICATE.called("CreateCertificateDetails"),
    "CreateRuleSet": _RULE_SET.called("CreateRuleSetDetails", "name"),
    "UpdateRuleSet": _RULE_SET.called("UpdateRuleSetDetails"),
    "CreateHostname": _HOSTNAME.called("CreateHostnameDetails"),
    "UpdateHostname": _model("UpdateHostnameDetails", "hostname"),
    "CreatePathRouteSet": _PATH_ROUTE_SET.called("CreatePathRouteSetDetails", "name"),
    "UpdatePathRouteSet": _PATH_ROUTE_SET.called("UpdatePathRouteSetDetails"),
    "CreateRoutingPolicy": _ROUTING_POLICY.called("CreateRoutingPolicyDetails", "name", "conditionLanguageVersion"),
    "UpdateRoutingPolicy": _ROUTING_POLICY.called("UpdateRoutingPolicyDetails", "conditionLanguageVersion"),
    "CreateSSLCipherSuite": _CIPHER_SUITE.called("CreateSSLCipherSuiteDetails"),
    "UpdateSSLCipherSuite": _model("UpdateSSLCipherSuiteDetails", "ciphers"),
}
