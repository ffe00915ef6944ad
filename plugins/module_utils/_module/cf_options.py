# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The options that sign in to Cloud Foundry and choose routes, which modules share."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.basic import env_fallback
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import (
    CloudFoundry,
    Connection,
    check_connection,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.sign_in import (
    COMMAND_LINE_CLIENT,
    Credentials,
    check_credentials,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import (
    Selection,
    selection_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

_ROUTE: dict[str, dict[str, t.Any]] = {
    "route_guid": {"type": "str"},
    "url": {"type": "str"},
    "organization": {"type": "str"},
    "space": {"type": "str"},
}
#: Which of the options that choose routes exclude each other.
SELECTION_EXCLUDES: list[tuple[str, str]] = [("targets", option) for option in (*_ROUTE, "responder_app")] + [
    ("route_guid", "url")
]


@dataclass(frozen=True)
class Target:
    """One route.

    :ivar responder: name or guid of the app that shows its page.
    :ivar owner: the owner of the page, if it is not the owner of the task.
    """

    selection: Selection
    responder: str | None = None
    owner: str | None = None


def cf_argument_spec() -> dict[str, t.Any]:
    """The argument spec that the ``tidegate.failover.cloud_foundry`` documentation fragment describes."""
    return {
        "api_url": _option("CF_API_URL"),
        "uaa_url": _option("CF_UAA_URL"),
        "client_id": _option("CF_CLIENT_ID"),
        "client_secret": _option("CF_CLIENT_SECRET", no_log=True),
        "username": _option("CF_USER"),
        "password": _option("CF_PASSWORD", no_log=True),
        "origin": _option("CF_ORIGIN"),
        "token": _option("CF_ACCESS_TOKEN", no_log=True),
        "refresh_token": _option("CF_REFRESH_TOKEN", no_log=True),
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": _option("CF_CA_FILE", type="path"),
    }


def route_argument_spec(*, with_owner: bool = False) -> dict[str, t.Any]:
    """The options that choose one route, or many. A task that only reads needs no owner."""
    target = {**_ROUTE, "responder_app": {"type": "str"}}
    owner: dict[str, t.Any] = {"owner": {"type": "str"}} if with_owner else {}
    return {
        **target,
        "targets": {
            "type": "list",
            "elements": "dict",
            "options": {**target, **owner},
            "mutually_exclusive": [("route_guid", "url")],
            "required_one_of": [("route_guid", "url")],
        },
    }


def targets_from(params: Mapping[str, t.Any]) -> Sequence[Target]:
    """The routes that a task names.

    :raises RefusedError: an option is not valid, or there is no target.
    """
    if params["targets"] is None:
        return [Target(selection_from(params), params.get("responder_app"))]
    if not params["targets"]:
        raise RefusedError("targets is empty. Name at least one route.")
    return [Target(selection_from(one), one.get("responder_app"), one.get("owner")) for one in params["targets"]]


def cloud_from(params: Mapping[str, t.Any]) -> CloudFoundry:
    """The connection that a task's options describe. No request is sent yet.

    :raises RefusedError: the options are not valid.
    """
    if not params["api_url"]:
        raise RefusedError("api_url is not given, and neither is CF_API_URL. It is what 'cf api' prints.")
    connection = Connection(params["api_url"], params["uaa_url"], params["validate_certs"], params["ca_path"])
    check_connection(connection)
    credentials = _credentials(params)
    check_credentials(credentials)
    return CloudFoundry(connection, credentials)


def _credentials(params: Mapping[str, t.Any]) -> Credentials:
    names = ("username", "password", "client_id", "client_secret", "origin", "token", "refresh_token")
    given = {name: params[name] for name in names}
    if not given["client_id"]:
        given |= {"client_id": COMMAND_LINE_CLIENT, "client_secret": ""}
    return Credentials(**given)


def _option(variable: str, *, type: str = "str", **more: t.Any) -> dict[str, t.Any]:
    return {"type": type, "fallback": (env_fallback, [variable]), **more}
