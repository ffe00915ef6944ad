# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which proxy of the environment stands between us and an endpoint, for messages about connections."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

#: What to check where a proxy may be the reason.
PROXY_REMEDY = "Check that the proxy runs, HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the endpoint in NO_PROXY."


def proxy_for(endpoint: str) -> str | None:
    """Host and port of the proxy that the environment names for an endpoint; None if it names none."""
    try:
        address = urlsplit(endpoint)
        proxies = urllib.request.getproxies_environment()
        proxy = proxies.get(address.scheme) or proxies.get("all")
        if not proxy or urllib.request.proxy_bypass(address.netloc):
            return None
    except ValueError:
        return None
    return shown(proxy)


def shown(proxy: str) -> str:
    """Host and port of a proxy's address, without the user and the password that it may hold."""
    return urlsplit(proxy if "//" in proxy else f"//{proxy}").netloc.rpartition("@")[2]
