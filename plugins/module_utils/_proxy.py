# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The proxy that the environment sets for an endpoint, for messages about connections."""

from __future__ import annotations

import re
import urllib.request
from urllib.parse import urlsplit

#: What to check if a proxy may be the cause.
PROXY_REMEDY = "Check that the proxy runs, HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the endpoint in NO_PROXY."


def proxy_for(endpoint: str) -> str | None:
    """Host and port of the proxy that the environment names for an endpoint; None if it names none."""
    proxy = _address_for(endpoint)
    return shown(proxy) if proxy else None


def fault_of_proxy(endpoint: str) -> str:
    """Why no connection can be made through the proxy that the environment names for an endpoint; empty if it can.

    Error messages of libraries contain an address that they cannot parse, with its password. This text replaces them.
    """
    proxy = _address_for(endpoint)
    if not proxy or _is_proper(proxy):
        return ""
    return (
        f"the address of the proxy {shown(proxy)} in the environment is no URL. Correct it; in a user and a password, "
        "write '#', '/', '?' and '@' as %23, %2F, %3F and %40."
    )


def shown(proxy: str) -> str:
    """Host and port of a proxy's address, without the user and the password that it may hold.

    A password may hold what would end the host in a proper address, so everything up to the last ``@`` goes first.
    """
    rest = proxy.rpartition("@")[2]
    return re.split(r"[/?#]", rest.partition("//")[2] if "//" in rest else rest, maxsplit=1)[0]


def _address_for(endpoint: str) -> str | None:
    try:
        address = urlsplit(endpoint)
        proxies = urllib.request.getproxies_environment()
        proxy = proxies.get(address.scheme) or proxies.get("all")
        return proxy if proxy and not urllib.request.proxy_bypass(address.netloc) else None
    except ValueError:
        return None


def _is_proper(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        # Reading the port validates it.
        return parts.port != 0 and parts.netloc.rpartition("@")[2] == shown(proxy) and not re.search(r"\s", proxy)
    except ValueError:
        return False
