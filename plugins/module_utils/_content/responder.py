# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The content for our own responder, and the files for the platforms that run it."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterator, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._content import limits
from ansible_collections.tidegate.failover.plugins.module_utils._content.answers import answers
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import documents

Options = Mapping[str, t.Any]

HOST = "the responder"
#: The version of the file that the responder reads. It refuses others.
FORMAT = 1

_MADE = "# Made by tidegate.failover.maintenance_page. Changes are lost when it runs again.\n"
_REQUIREMENTS = f"{_MADE}waitress>=3.0.2,<4\n"


def content_file(content: Content) -> str:
    """The file with all answers, which the responder reads."""
    rendered = {
        "format": FORMAT,
        "answer": content.answer,
        "languages": [text.language for text in content.texts],
        "answers": {
            name: {
                "status": answer.status,
                "headers": answer.headers,
                "offers": [vars(offer) for offer in answer.offers],
            }
            for name, answer in answers(content).items()
        },
        "documents": {
            text.language: {
                name: {"headers": document.headers, "body": document.body}
                for name, document in documents(content, text).items()
            }
            for text in content.texts
        },
        "exempt": [vars(exempt) for exempt in content.exempt],
    }
    return json.dumps(rendered, indent=1) + "\n"


def problems(content: Content) -> Iterator[str]:
    """Errors about a page that is too large for slow connections."""
    for text in content.texts:
        page = documents(content, text)["html"].body
        what = f"The compressed page ({text.language})"
        yield from limits.excess(what, limits.compressed_size(page), limits.RESPONDER_PAGE, HOST)


def option_problems(options: Options) -> Iterator[str]:
    """Errors about options that cannot be written into the files of the platforms."""
    if not options.get("responder"):
        yield "responder is missing. The role maintenance_page gives it from its file responder.py."
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", options["app_name"]):
        yield f"app_name is {options['app_name']!r}. Expected 1 to 63 letters, digits and . _ -"
    if not re.fullmatch(r"[0-9A-Fa-f.:]{2,45}", options["listen_address"]):
        yield f"listen_address is {options['listen_address']!r}. Expected an IP address."
    if not 1 <= options["listen_port"] <= 65535:
        yield f"listen_port is {options['listen_port']}. Expected 1 to 65535."
    for name in ("python", "directory"):
        if not re.fullmatch(r"/[A-Za-z0-9._/@+-]*", options[name]):
            yield (
                f"{name} is {options[name]!r}. Expected an absolute path of letters, digits and . _ / @ + - for the "
                "systemd unit."
            )


def cloud_foundry(content: Content, options: Options) -> dict[str, str]:
    """An application for ``cf push``. It gets its route when maintenance begins."""
    name = json.dumps(options["app_name"])
    manifest = (
        f"---\n{_MADE}applications:\n  - name: {name}\n    memory: 128M\n    disk_quota: 512M\n    instances: 2\n"
        "    buildpacks:\n      - python_buildpack\n    no-route: true\n    health-check-type: port\n"
        "    env:\n      MAINTENANCE_LISTEN: 0.0.0.0\n"
    )
    return _common(content, options) | {"manifest.yml": manifest, "Procfile": "web: python responder.py\n"}


def container(content: Content, options: Options) -> dict[str, str]:
    """The files that build a container image, which does not run as root."""
    port = options["listen_port"]
    containerfile = (
        f"{_MADE}ARG IMAGE=python:3.13-slim\nFROM ${{IMAGE}}\nWORKDIR /app\n"
        "COPY requirements.txt ./\nRUN pip install --no-cache-dir --requirement requirements.txt\n"
        "COPY responder.py content.json ./\n"
        f"ENV MAINTENANCE_LISTEN=0.0.0.0 PORT={port}\nEXPOSE {port}\nUSER 65534:65534\n"
        'CMD ["python", "responder.py"]\n'
    )
    return _common(content, options) | {"Containerfile": containerfile}


def systemd(content: Content, options: Options) -> dict[str, str]:
    """A unit that runs the responder as its own user, without write access."""
    directory = options["directory"].rstrip("/")
    # A port below 1024 needs this capability; other ports need none.
    capability = "CAP_NET_BIND_SERVICE" if options["listen_port"] < 1024 else ""
    unit = (
        f"{_MADE}[Unit]\nDescription=Maintenance page\nAfter=network-online.target\nWants=network-online.target\n\n"
        f"[Service]\nExecStart={options['python']} {directory}/responder.py\n"
        f"Environment=MAINTENANCE_LISTEN={options['listen_address']} PORT={options['listen_port']}\n"
        "Restart=always\nRestartSec=1\nDynamicUser=yes\nNoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\n"
        "PrivateTmp=yes\nPrivateDevices=yes\nProtectKernelTunables=yes\nProtectControlGroups=yes\n"
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
        f"CapabilityBoundingSet={capability}\nAmbientCapabilities={capability}\nMemoryMax=256M\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )
    return _common(content, options) | {"maintenance-page.service": unit}


def _common(content: Content, options: Options) -> dict[str, str]:
    program: str = options["responder"]
    return {"content.json": content_file(content), "requirements.txt": _REQUIREMENTS, "responder.py": program}
