# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The credential types of AWX that pass secrets to the modules and gates of this collection. Pure data."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

Json = dict[str, t.Any]


def _field(name: str, label: str, **more: t.Any) -> Json:
    return {"id": name, "label": label, "type": "string", **more}


def _inputs(*fields: Json, optional: Sequence[str] = ()) -> Json:
    return {"fields": list(fields), "required": [field["id"] for field in fields if field["id"] not in optional]}


_REGION = _field("region", "Region", help_text="Such as us-ashburn-1")
_AUTH_TYPE = "OCI_ANSIBLE_AUTH_TYPE"

#: The credential types, by the last part of the name. AWX sorts the templates of files, shorter names first, and a file
#: can refer only to files before it. So the configuration of a session has the longest name.
CREDENTIAL_TYPES: Mapping[str, Json] = {
    "OCI API key": {
        "description": "Signs in to OCI as a user, by an API key.",
        "inputs": _inputs(
            _field("user", "OCID of the user"),
            _field("tenancy", "OCID of the tenancy"),
            _field("fingerprint", "Fingerprint of the key"),
            _field("key", "Private key", secret=True, multiline=True),
            _field("pass_phrase", "Pass phrase of the key", secret=True),
            _REGION,
            optional=("pass_phrase",),
        ),
        "injectors": {
            "file": {"template": "{{ key }}"},
            "env": {
                _AUTH_TYPE: "api_key",
                "OCI_USER_ID": "{{ user }}",
                "OCI_TENANCY": "{{ tenancy }}",
                "OCI_USER_FINGERPRINT": "{{ fingerprint }}",
                "OCI_USER_KEY_FILE": "{{ tower.filename }}",
                "OCI_USER_KEY_PASS_PHRASE": "{{ pass_phrase }}",
                "OCI_REGION": "{{ region }}",
            },
        },
    },
    "OCI instance principal": {
        "description": "Signs in to OCI as the compute instance that AWX runs jobs on. Holds no secret.",
        "inputs": _inputs(_REGION),
        "injectors": {"env": {_AUTH_TYPE: "instance_principal", "OCI_REGION": "{{ region }}"}},
    },
    "OCI session token": {
        "description": "Signs in to OCI by a session of oci session authenticate. It expires after an hour at most.",
        "inputs": _inputs(
            _field("tenancy", "OCID of the tenancy"),
            _field("fingerprint", "Fingerprint of the session's key"),
            _field("key", "Private key of the session", secret=True, multiline=True),
            _field("token", "Token of the session", secret=True, multiline=True),
            _REGION,
        ),
        "injectors": {
            "file": {
                "template.key": "{{ key }}",
                "template.token": "{{ token }}",
                "template.configuration": (
                    "[DEFAULT]\ntenancy={{ tenancy }}\nfingerprint={{ fingerprint }}\nregion={{ region }}\n"
                    "key_file={{ tower.filename.key }}\nsecurity_token_file={{ tower.filename.token }}\n"
                ),
            },
            "env": {
                _AUTH_TYPE: "security_token",
                "OCI_CONFIG_FILE": "{{ tower.filename.configuration }}",
                "OCI_CONFIG_PROFILE": "DEFAULT",
                "OCI_REGION": "{{ region }}",
            },
        },
    },
    "AWS": {
        "description": "Signs in to AWS by an access key. Leave the token empty for the key of a user.",
        "inputs": _inputs(
            _field("access_key", "Access key"),
            _field("secret_key", "Secret key", secret=True),
            _field("session_token", "Session token", secret=True),
            _field("region", "Region", help_text="Such as eu-central-1"),
            optional=("session_token",),
        ),
        "injectors": {
            "env": {
                "AWS_ACCESS_KEY_ID": "{{ access_key }}",
                "AWS_SECRET_ACCESS_KEY": "{{ secret_key }}",
                "AWS_SESSION_TOKEN": "{{ session_token }}",
                "AWS_REGION": "{{ region }}",
            },
        },
    },
    "Cloud Foundry": {
        "description": "Signs in to Cloud Foundry as a client of UAA.",
        "inputs": _inputs(
            _field("api_url", "Address of the API", format="url", help_text="What cf api prints"),
            _field("client_id", "Client"),
            _field("client_secret", "Secret of the client", secret=True),
        ),
        "injectors": {
            "env": {
                "CF_API_URL": "{{ api_url }}",
                "CF_CLIENT_ID": "{{ client_id }}",
                "CF_CLIENT_SECRET": "{{ client_secret }}",
            },
        },
    },
    "Infinispan": {
        "description": "A user with the right ADMIN, for gates of kind infinispan: url_username and url_password.",
        "inputs": _inputs(_field("username", "User"), _field("password", "Password", secret=True)),
        "injectors": {
            "extra_vars": {"infinispan_username": "{{ username }}", "infinispan_password": "{{ password }}"},
        },
    },
    "PostgreSQL": {
        "description": "A user with the role pg_monitor, for gates of kind postgresql whose dsn names none.",
        "inputs": _inputs(_field("username", "User"), _field("password", "Password", secret=True)),
        "injectors": {"env": {"PGUSER": "{{ username }}", "PGPASSWORD": "{{ password }}"}},
    },
}
