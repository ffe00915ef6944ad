# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What credential types inject is what modules and gates take."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._awx.credential_types import CREDENTIAL_TYPES
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = Path(__file__).resolve().parents[5]
SOURCES = [ROOT / "plugins" / "module_utils" / "_module" / f"{cloud}_options.py" for cloud in ("oci", "cf")]
#: What boto3 and libpq take from the environment.
LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "PGUSER", "PGPASSWORD"}


def taken() -> set[str]:
    """The variables of the environment that stand in for options."""
    return {name for path in SOURCES for name in re.findall(r'_option\(\s*"([A-Z_]+)"', path.read_text("utf-8"))}


@pytest.mark.parametrize("name", CREDENTIAL_TYPES)
def test_a_variable_of_the_environment_stands_in_for_an_option(name: str) -> None:
    injected = set(CREDENTIAL_TYPES[name]["injectors"].get("env", {}))
    assert injected <= taken() | LIBRARIES


def test_secrets_of_infinispan_are_options_of_its_gate() -> None:
    injected = CREDENTIAL_TYPES["Infinispan"]["injectors"]["extra_vars"]
    options = {name.replace("infinispan_", "url_") for name in injected}
    assert options <= set(KINDS["infinispan"].options)


def jsonb(templates: dict[str, str]) -> dict[str, str]:
    """The order in which PostgreSQL keeps the keys of a JSON object."""
    return {name: templates[name] for name in sorted(templates, key=lambda name: (len(name), name))}


@pytest.mark.parametrize("name", CREDENTIAL_TYPES)
def test_awx_can_render_each_file_and_variable(name: str) -> None:
    kind = CREDENTIAL_TYPES[name]
    files: dict[str, str] = {}
    tower: dict[str, t.Any] = {"filename": files}
    values = {field["id"]: f"<{field['id']}>" for field in kind["inputs"]["fields"]} | {"tower": tower}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for file, template in jsonb(kind["injectors"].get("file", {})).items():
        environment.from_string(template).render(values)
        label = file.partition(".")[2]
        if label:
            files[label] = f"path/{label}"
        else:
            tower["filename"] = "path/file"
    for template in kind["injectors"].get("env", {}).values():
        assert environment.from_string(template).render(values)


@pytest.mark.parametrize("name", CREDENTIAL_TYPES)
def test_secrets_are_kept_as_secrets(name: str) -> None:
    for field in CREDENTIAL_TYPES[name]["inputs"]["fields"]:
        secret = re.search(r"^(key|pass_phrase|token|session_token|secret_key|client_secret|password)$", field["id"])
        assert bool(field.get("secret")) == bool(secret)


def test_what_is_required_is_a_field() -> None:
    for kind in CREDENTIAL_TYPES.values():
        assert set(kind["inputs"]["required"]) <= {field["id"] for field in kind["inputs"]["fields"]}
