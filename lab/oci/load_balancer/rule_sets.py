# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rules for a rule set. Source: the API reference (Rule and its kinds) and "Managing Rule Sets"."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable

from lab.oci.errors import ApiError, invalid
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.redirect_uris import check_redirect_uri

RULES_PER_SET = 20
RULES_PER_LOAD_BALANCER = 50
REDIRECT_CODES = (301, 302, 303, 307, 308)
PATH_OPERATORS = ("EXACT_MATCH", "FORCE_LONGEST_PREFIX_MATCH", "PREFIX_MATCH", "SUFFIX_MATCH")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHODS = [
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PRI",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
]


def normalised_rule_set(balancer: Json, name: str, details: Json) -> Json:
    """A rule set as it is stored.

    :raises ApiError: 400: a rule breaks a rule, there are too many of them, or a listener that this set is attached to
        would have two redirects for one path.
    """
    fields = Fields(details, "ruleSet")
    rules = fields.objects("items", required=True)
    if len(rules) > RULES_PER_SET:
        raise invalid(f"A rule set holds at most {RULES_PER_SET} rules, not {len(rules)}.")
    rule_set = details | {"name": name, "items": [_normalised_rule(rule) for rule in rules]}
    rule_sets = balancer["ruleSets"] | {name: rule_set}
    total = sum(len(other["items"]) for other in rule_sets.values())
    if total > RULES_PER_LOAD_BALANCER:
        raise ApiError(400, "LimitExceeded", f"A load balancer holds at most {RULES_PER_LOAD_BALANCER} rules.")
    for listener in balancer["listeners"].values():
        if name in (listener.get("ruleSetNames") or []):
            check_redirect_paths(rule_sets, listener["ruleSetNames"])
    return rule_set


def check_redirect_paths(rule_sets: Json, attached: Iterable[str]) -> None:
    """Check that a listener has only one redirect rule for an original path.

    :raises ApiError: 400: the attached rule sets have two.
    """
    paths = Counter(
        condition["attributeValue"]
        for name in attached
        for rule in rule_sets[name]["items"]
        if rule["action"] == "REDIRECT"
        for condition in rule["conditions"]
    )
    twice = [path for path, count in paths.items() if count > 1]
    if twice:
        raise invalid(f"A listener can have only one redirect rule for the path {twice[0]!r}.")


def _normalised_rule(rule: Fields) -> Json:
    action = rule.text("action", required=True, allowed=_CHECKS) or ""
    return rule.data | _CHECKS[action](rule)


def _header(rule: Fields) -> Json:
    rule.text("header", required=True, pattern=_HEADER_NAME)
    return {}


def _add_header(rule: Fields) -> Json:
    _check_header_value(rule, "value", required=True)
    return _header(rule)


def _extend_header(rule: Fields) -> Json:
    if rule.value("prefix") is None and rule.value("suffix") is None:
        raise invalid(f"{rule.where} needs a prefix or a suffix.")
    _check_header_value(rule, "prefix")
    _check_header_value(rule, "suffix")
    return _header(rule)


def _check_header_value(rule: Fields, name: str, required: bool = False) -> None:
    value = rule.text(name, required) or ""
    if "$" in value or re.search(r"\{\w*\}", value) or not value.isprintable():
        raise rule.wrong(name, "must be a header value without $ and {variables}")


def _allow(rule: Fields) -> Json:
    for condition in _conditions(rule):
        names = ("SOURCE_IP_ADDRESS", "SOURCE_VCN_ID", "SOURCE_VCN_IP_ADDRESS")
        attribute = condition.text("attributeName", required=True, allowed=names)
        value = condition.text("attributeValue", required=True) or ""
        if attribute != "SOURCE_VCN_ID":
            _check_network(condition, "attributeValue", value)
    return {}


def _methods(rule: Fields) -> Json:
    rule.texts("allowedMethods", required=True, allowed=_METHODS)
    return {"statusCode": rule.integer("statusCode", 200, 599) or 405}


def _redirect(rule: Fields) -> Json:
    for condition in _conditions(rule):
        condition.text("attributeName", required=True, allowed=("PATH",))
        condition.text("attributeValue", required=True)
        condition.text("operator", required=True, allowed=PATH_OPERATORS)
    code = rule.integer("responseCode", 100, 599) or 302
    if code not in REDIRECT_CODES:
        raise rule.wrong("responseCode", f"must be one of {', '.join(map(str, REDIRECT_CODES))}")
    uri = rule.object("redirectUri")
    if uri is not None:
        check_redirect_uri(uri)
    return {"responseCode": code}


def _http_header(rule: Fields) -> Json:
    rule.boolean("areInvalidCharactersAllowed")
    if rule.value("httpLargeHeaderSizeInKB") not in (None, 8, 16, 32, 64):
        raise rule.wrong("httpLargeHeaderSizeInKB", "must be one of 8, 16, 32, 64")
    return {}


def _maximum_connections(rule: Fields) -> Json:
    rule.integer("defaultMaxConnections", 1, 65535)
    for limit in rule.objects("ipMaxConnections"):
        limit.integer("maxConnections", 1, 65535, required=True)
        for address in limit.texts("ipAddresses", required=True) or []:
            _check_network(limit, "ipAddresses", address)
    return {}


def _conditions(rule: Fields) -> list[Fields]:
    conditions = rule.objects("conditions", required=True)
    if not conditions:
        raise rule.wrong("conditions", "must not be empty")
    return conditions


def _check_network(fields: Fields, name: str, value: str) -> None:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise fields.wrong(name, "must be an address range such as 192.0.2.0/24") from error
    if "/" not in value:
        raise fields.wrong(name, "must be an address range such as 192.0.2.0/24")


#: action -> its check, which returns the defaults of the fields that the rule leaves out.
_CHECKS: dict[str, Callable[[Fields], Json]] = {
    "ADD_HTTP_REQUEST_HEADER": _add_header,
    "EXTEND_HTTP_REQUEST_HEADER_VALUE": _extend_header,
    "REMOVE_HTTP_REQUEST_HEADER": _header,
    "ADD_HTTP_RESPONSE_HEADER": _add_header,
    "EXTEND_HTTP_RESPONSE_HEADER_VALUE": _extend_header,
    "REMOVE_HTTP_RESPONSE_HEADER": _header,
    "ALLOW": _allow,
    "CONTROL_ACCESS_USING_HTTP_METHODS": _methods,
    "REDIRECT": _redirect,
    "HTTP_HEADER": _http_header,
    "IP_BASED_MAX_CONNECTIONS": _maximum_connections,
}
