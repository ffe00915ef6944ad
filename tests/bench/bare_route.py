# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on the bare API of Cloud Foundry that keeps the destinations of a route, and then replaces them.

It signs in, finds the responder and the route, writes what the route led to into an annotation, and replaces its
destinations. It decides nothing, checks nothing and retries nothing.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import requests


def main() -> None:
    """Make the route lead to the responder."""
    options = _options()
    with requests.Session() as session:
        session.headers["Authorization"] = f"bearer {_token(options)}"
        _switch(session, options.api_url, options.route, options.responder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("--api_url", "--uaa_url", "--client_id", "--client_secret", "--route", "--responder"):
        parser.add_argument(name, required=True)
    return parser.parse_args()


def _token(options: argparse.Namespace) -> str:
    client = (options.client_id, options.client_secret)
    form = {"grant_type": "client_credentials"}
    token: str = _checked(requests.post(f"{options.uaa_url}/oauth/token", form, auth=client, timeout=30))[
        "access_token"
    ]
    return token


def _switch(session: requests.Session, api_url: str, route: str, responder: str) -> None:
    apps = _checked(session.get(f"{api_url}/v3/apps", params={"names": responder}, timeout=30))
    where = f"{api_url}/v3/routes/{route}"
    found = _checked(session.get(where, timeout=30))
    kept = json.dumps(found["destinations"])
    _checked(session.patch(where, json={"metadata": {"annotations": {"page-held-by-operator": kept}}}, timeout=30))
    page = {"destinations": [{"app": {"guid": apps["resources"][0]["guid"]}}]}
    _checked(session.patch(f"{where}/destinations", json=page, timeout=30))


def _checked(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    given: dict[str, Any] = answer.json()
    return given


if __name__ == "__main__":
    main()
