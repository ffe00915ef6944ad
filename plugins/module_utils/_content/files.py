# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The files of the page for the hosts that a user names."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._content import alb, api_gateway, limits, responder
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content, content_of
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import documents
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Options = Mapping[str, t.Any]

_RESPONDERS = {
    "cloud_foundry": responder.cloud_foundry,
    "container": responder.container,
    "systemd": responder.systemd,
}
HOSTS = ("alb", "api_gateway", *_RESPONDERS)


def rendered_files(options: Options) -> dict[str, str]:
    """The files for all hosts of the option ``hosts``, by name.

    :raises RefusedError: the content is wrong, or a host does not accept it.
    """
    content = content_of(options)
    hosts = options["hosts"]
    if not hosts:
        raise RefusedError(f"hosts is empty. Expected one or more of {', '.join(HOSTS)}.")
    found = list(_problems(content, options))
    if found:
        raise RefusedError(
            "Not every host can take the content of the maintenance page. " + " ".join(found) + " Nothing was written."
        )
    files: dict[str, str] = {}
    if "alb" in hosts:
        files["alb.json"] = _json(alb.fixed_responses(content))
    if "api_gateway" in hosts:
        files["api_gateway.json"] = _json(api_gateway.specification(content))
    for host, render in _RESPONDERS.items():
        if host in hosts:
            files |= render(content, options)
    return files


def sizes(options: Options) -> dict[str, dict[str, dict[str, int]]]:
    """The size of each format in each language, uncompressed and compressed."""
    content = content_of(options)
    return {
        text.language: {
            name: {"bytes": limits.size(document.body), "gzip": limits.compressed_size(document.body)}
            for name, document in documents(content, text).items()
        }
        for text in content.texts
    }


def _problems(content: Content, options: Options) -> Iterable[str]:
    hosts = options["hosts"]
    if "alb" in hosts:
        yield from alb.problems(content)
    if "api_gateway" in hosts:
        yield from api_gateway.problems(content)
    if set(hosts) & set(_RESPONDERS):
        yield from responder.problems(content)
        yield from responder.option_problems(options)


def _json(document: t.Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
