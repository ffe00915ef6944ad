# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Backend set, rule set and listener of a maintenance page on a load balancer, compared with the existing ones.

These objects have no tags. A freeform tag of the load balancer names the objects that this module created. The tag is
written before anything is created, and removed after everything is deleted, so an aborted run never leaves an object
without an owner.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]
Params = t.Mapping[str, t.Any]

MODULE = "oci_maintenance_page"
_TAG = "tidegate-page-"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_BACKEND_SET = 32
_LONGEST_TAG = 256
_MOST_TAGS = 10
_MOST_RULES = 20
_MOST_RULES_OF_ALL = 50
#: Fields that UpdateLoadBalancer could reset. They are sent as they were read.
_KEPT_FIELDS = (
    "displayName",
    "isDeleteProtectionEnabled",
    "isRequestIdEnabled",
    "requestIdHeader",
    "definedTags",
    "securityAttributes",
)
#: The option that names an object -> its kind in messages, and its collection on the load balancer.
PARTS = {
    "backend_set": ("backend set", "backendSets"),
    "rule_set": ("rule set", "ruleSets"),
    "listener": ("listener", "listeners"),
}


def check_options(params: Params) -> None:
    """:raises RefusedError: an option is not valid."""
    if params["load_balancer_id"].startswith("ocid1.networkloadbalancer."):
        raise OptionError("load_balancer_id is that of a network load balancer, which has no redirects.")
    for option in PARTS:
        if _NAME.fullmatch(params[option]) is None:
            raise OptionError(f"{option} is {params[option]!r}. Use letters, digits, dashes and underscores.")
    if len(params["backend_set"]) > _LONGEST_BACKEND_SET:
        raise OptionError(f"backend_set has {len(params['backend_set'])} characters, and OCI allows 32.")
    if len(_claim(params)) > _LONGEST_TAG:
        raise OptionError("The names of listener and rule set together have more than 255 characters. Shorten them.")
    if params["state"] == "present":
        _check_backends(params)
        _check_paths(params)


def _check_backends(params: Params) -> None:
    if not params["backends"]:
        raise OptionError("backends is empty. Give at least one address that serves the page.")
    for backend in params["backends"]:
        try:
            ipaddress.ip_address(backend["ip_address"])
        except ValueError as problem:
            raise OptionError(
                f"backends has the address {backend['ip_address']!r}. A backend is an IP address; that of a gateway is "
                "shown with it (ipAddresses)."
            ) from problem
    if params["backend_tls"] and not (params["backend_ca_certificate_name"] or params["backend_ca_ids"]):
        raise OptionError(
            "backend_tls needs the authority that the page's certificate is verified by: "
            "backend_ca_certificate_name, a certificate bundle of the load balancer, or backend_ca_ids, OCIDs of "
            "authorities or CA bundles. OCI does not "
            "know any by itself."
        )


def _check_paths(params: Params) -> None:
    prefixes, exact = params["redirect_paths"], params["redirect_exact_paths"]
    if not (prefixes or exact):
        raise OptionError("redirect_paths and redirect_exact_paths are empty, so nobody would get the page.")
    for path in (*prefixes, *exact, *params["keep_paths"]):
        if not path.startswith("/"):
            raise OptionError(f"The path {path!r} does not begin with a slash.")
    if len(prefixes) + len(exact) > _MOST_RULES:
        raise OptionError(
            f"There are {len(prefixes) + len(exact)} paths, and a rule set has at most {_MOST_RULES} rules."
        )
    for path in params["keep_paths"]:
        covering = [prefix for prefix in prefixes if path.startswith(prefix)] + [one for one in exact if one == path]
        if covering:
            raise OptionError(
                f"keep_paths has {path!r}, and the redirect of {covering[0]!r} covers it. OCI's redirects know no "
                "exceptions, and a checker that gets a redirect there, such as Route 53's, takes the service for "
                "healthy. Name the paths that users come to in redirect_paths and redirect_exact_paths, or leave "
                "keep_paths out and "
                "let r53_healthcheck_lock invert the check."
            )


def check_load_balancer(load_balancer: Json, params: Params) -> None:
    """:raises RefusedError: something that the page refers to does not exist, or its place is taken."""
    certificates = load_balancer.get("certificates") or {}
    for option in ("certificate_name", "backend_ca_certificate_name"):
        if params[option] and params[option] not in certificates:
            raise RefusedError(
                f"The load balancer has no certificate {params[option]!r} ({option}). It has: "
                f"{', '.join(sorted(certificates)) or 'none'}. Nothing was changed."
            )
    ca = params["backend_ca_certificate_name"]
    if ca and not certificates[ca].get("caCertificate"):
        raise RefusedError(f"The certificate {ca!r} has no CA certificate, so nothing could be verified by it.")
    for name, listener in load_balancer["listeners"].items():
        if listener["port"] == params["port"] and name != params["listener"]:
            raise RefusedError(
                f"Port {params['port']} belongs to the listener {name!r} already. Choose another port for the page."
            )
    others = {name: one for name, one in load_balancer["ruleSets"].items() if name != params["rule_set"]}
    count = sum(len(one.get("items") or []) for one in others.values()) + len(_rules(params))
    if count > _MOST_RULES_OF_ALL:
        raise RefusedError(f"The load balancer would have {count} rules, and OCI allows {_MOST_RULES_OF_ALL}.")


def warnings(load_balancer: Json, params: Params) -> list[str]:
    """Warnings about settings that are possible, but surprise users."""
    over_tls = [name for name, one in load_balancer["listeners"].items() if one.get("sslConfiguration")]
    if _has_tls(params) or not over_tls:
        return []
    return [
        (
            f"The page's listener has no certificate, and users of {', '.join(sorted(over_tls))} come by HTTPS. "
            "Browsers that remember that (HSTS) will not go to a page without. Give certificate_name or "
            "certificate_ids."
        )
    ]


def _has_tls(params: Params) -> bool:
    return bool(params["certificate_name"] or params["certificate_ids"])


def wanted(params: Params) -> dict[str, Json]:
    """The objects as they should be, by the option that names them."""
    return {"backend_set": _backend_set(params), "rule_set": {"items": _rules(params)}, "listener": _listener(params)}


def _backend_set(params: Params) -> Json:
    backends = sorted(params["backends"], key=lambda one: (one["ip_address"], one["port"]))
    body: Json = {
        "policy": "ROUND_ROBIN",
        "backends": [{"ipAddress": one["ip_address"], "port": one["port"]} for one in backends],
        "healthChecker": {
            "protocol": "HTTP",
            "urlPath": params["health_check_path"],
            "returnCode": params["health_check_status"],
        },
    }
    if params["backend_tls"]:
        authority = (
            {"certificateName": params["backend_ca_certificate_name"]}
            if params["backend_ca_certificate_name"]
            else {"trustedCertificateAuthorityIds": params["backend_ca_ids"]}
        )
        depth = params["backend_verify_depth"]
        body["sslConfiguration"] = {**authority, "verifyPeerCertificate": True, "verifyDepth": depth}
    return body


def _listener(params: Params) -> Json:
    body: Json = {"defaultBackendSetName": params["backend_set"], "port": params["port"], "protocol": "HTTP"}
    if params["certificate_name"]:
        body["sslConfiguration"] = {"certificateName": params["certificate_name"]}
    elif params["certificate_ids"]:
        body["sslConfiguration"] = {"certificateIds": params["certificate_ids"]}
    return body


def _rules(params: Params) -> list[Json]:
    """A redirect for each path. An exact path has priority over a prefix, whatever the order."""
    uri = {
        "protocol": "HTTPS" if _has_tls(params) else "HTTP",
        "host": params["redirect_host"],
        "port": params["port"],
        "path": params["page_path"],
        "query": "{query}",
    }
    paths = [(path, "EXACT_MATCH") for path in params["redirect_exact_paths"]]
    paths += [(path, "PREFIX_MATCH") for path in params["redirect_paths"]]
    return [
        {
            "action": "REDIRECT",
            "responseCode": params["redirect_code"],
            "conditions": [{"attributeName": "PATH", "attributeValue": path, "operator": operator}],
            "redirectUri": uri,
        }
        for path, operator in paths
    ]


def missing_steps(params: Params, load_balancer: Json) -> list[Step]:
    """The missing steps, in order.

    :raises RefusedError: an object of that name belongs to somebody else, its place is taken, or it is in use.
    """
    _check_ours(load_balancer, params)
    if params["state"] == "absent":
        return _steps_to_remove(params, load_balancer)
    check_load_balancer(load_balancer, params)
    steps = [] if _is_claimed(load_balancer, params) else [_tags_step(load_balancer, params, claim=True)]
    for option, body in wanted(params).items():
        kind, collection = PARTS[option]
        found = load_balancer[collection].get(params[option])
        if found is None:
            steps.append(Step("create", kind, params[option], {"name": params[option], **body}))
        elif _differs(found, body) or (found.get("sslConfiguration") and "sslConfiguration" not in body):
            steps.append(Step("update", kind, params[option], body))
    return steps


def _claim(params: Params) -> str:
    return f"{params['listener']} {params['rule_set']}"


def _is_claimed(load_balancer: Json, params: Params) -> bool:
    tags = load_balancer.get("freeformTags") or {}
    return bool(tags.get(f"{_TAG}{params['backend_set']}") == _claim(params))


def _check_ours(load_balancer: Json, params: Params) -> None:
    if params["adopt"] or _is_claimed(load_balancer, params):
        return
    there = [
        f"{kind} {params[option]!r}" for option, (kind, key) in PARTS.items() if params[option] in load_balancer[key]
    ]
    if there:
        raise RefusedError(
            f"The load balancer has the {', '.join(there)}, and {MODULE} did not create that: no freeform tag "
            f"{_TAG}{params['backend_set']} = {_claim(params)!r}. Nothing was changed. Choose other names, or set "
            "adopt: true to let this module manage them. state: absent deletes what was adopted.",
            code="TG-NOT-OURS",
        )


def _tags_step(load_balancer: Json, params: Params, *, claim: bool) -> Step:
    tags = dict(load_balancer.get("freeformTags") or {})
    key = f"{_TAG}{params['backend_set']}"
    tags.pop(key, None)
    if claim:
        tags[key] = _claim(params)
    if len(tags) > _MOST_TAGS:
        raise RefusedError(
            f"The load balancer has {_MOST_TAGS} freeform tags, as many as OCI allows, and one more is needed to "
            "remember what this module creates. Remove one."
        )
    kept = {name: load_balancer[name] for name in _KEPT_FIELDS if load_balancer.get(name) is not None}
    return Step("update", "load balancer", "freeform tags", {**kept, "freeformTags": tags})


def _steps_to_remove(params: Params, load_balancer: Json) -> list[Step]:
    rule_set, backend_set = params["rule_set"], params["backend_set"]
    others = {name: one for name, one in load_balancer["listeners"].items() if name != params["listener"]}
    attached = sorted(name for name, one in others.items() if rule_set in (one.get("ruleSetNames") or []))
    if attached:
        raise RefusedError(
            f"The rule set {rule_set!r} is attached to {', '.join(attached)}: maintenance is on there. Nothing was "
            "changed. End it first with the playbook tidegate.failover.exit_maintenance, as the owner that "
            "tidegate.failover.status shows, then run this again."
        )
    serving = sorted(name for name, one in others.items() if one["defaultBackendSetName"] == backend_set)
    if serving:
        raise RefusedError(
            f"The backend set {backend_set!r} is also that of {', '.join(serving)}. Nothing was changed. If that "
            "is maintenance, end it with the playbook tidegate.failover.exit_maintenance. Otherwise give these "
            "listeners another backend set. Then run this again."
        )
    order = ("listener", "rule_set", "backend_set")
    steps = [
        Step("delete", PARTS[option][0], params[option])
        for option in order
        if params[option] in load_balancer[PARTS[option][1]]
    ]
    if _is_claimed(load_balancer, params):
        steps.append(_tags_step(load_balancer, params, claim=False))
    return steps


def after_step(load_balancer: Json, step: Step) -> Json:
    """The load balancer after a step."""
    if step.kind == "load balancer":
        return {**load_balancer, **step.body}
    collection = next(key for kind, key in PARTS.values() if kind == step.kind)
    objects = {name: one for name, one in load_balancer[collection].items() if name != step.name}
    if step.verb != "delete":
        objects[step.name] = {**step.body, "name": step.name}
    return {**load_balancer, collection: objects}


def _differs(found: t.Any, body: t.Any) -> bool:
    """Whether an object lacks a requested value. Other values do not count, because the service adds defaults."""
    if isinstance(body, dict):
        return not isinstance(found, dict) or any(_differs(found.get(name), value) for name, value in body.items())
    if isinstance(body, list):
        return len(found or []) != len(body) or any(map(_differs, _ordered(found), _ordered(body)))
    return bool(found != body)


def _ordered(items: list[t.Any]) -> list[t.Any]:
    """Sort backends, whose order does not matter. Other lists keep their order."""
    if items and isinstance(items[0], dict) and "ipAddress" in items[0]:
        return sorted(items, key=lambda one: (one["ipAddress"], one["port"]))
    return items


def shown(load_balancer: Json, params: Params) -> Json:
    """The picture in results: the existing objects, with the fields that this module manages."""
    template = wanted(params) if params["state"] == "present" else {option: {} for option in PARTS}
    return {
        option: _projected(load_balancer[key].get(params[option]), template[option])
        for option, (_kind, key) in PARTS.items()
    } | {"claimed": _is_claimed(load_balancer, params)}


def _projected(found: t.Any, template: t.Any) -> t.Any:
    """Only the fields of an object that the template has; only its name if the template is empty."""
    if found is None or not isinstance(template, dict):
        return found
    if not template:
        return {"name": found.get("name")}
    return {name: _narrowed(found.get(name), value) for name, value in template.items()}


def _narrowed(found: t.Any, template: t.Any) -> t.Any:
    if isinstance(template, dict) and isinstance(found, dict):
        return {name: _narrowed(found.get(name), value) for name, value in template.items()}
    if isinstance(template, list) and isinstance(found, list) and template and isinstance(template[0], dict):
        return [_narrowed(one, template[0]) for one in _ordered(found)]
    return found
