# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How gates sign in to AWS and OCI: as the modules of amazon.aws, and as this collection's modules for OCI."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.tidegate.failover.plugins.module_utils._aws import sdk as aws_sdk
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import _aws, _oci, cloudwatch_alarm
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import oci_argument_spec
from ansible_collections.tidegate.failover.plugins.module_utils._oci import sdk as oci_sdk

from .gates import NOW, defined, options_of

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "of-no-real-account"}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for found in _aws._VARIABLES.values() for name in found]
    for name in (*names, *_oci._VARIABLES.values()):
        monkeypatch.delenv(name, raising=False)


def connected(**aws: t.Any) -> t.Any:
    options = options_of(cloudwatch_alarm.KIND, alarm_names=["errors"], aws=aws)
    return _aws.client("cloudwatch", options, Probe(NOW, 5.0))


def test_the_options_for_aws_are_those_of_amazon_aws() -> None:
    theirs = aws_argument_spec()
    for name, option in _aws.AWS_OPTION["aws"]["options"].items():
        assert theirs[name].get("type", "str") == option["type"], name
        assert theirs[name].get("no_log", False) == option.get("no_log", False), name
        assert theirs[name].get("fallback", (None, None))[1] == _aws._VARIABLES.get(name), name


def test_the_options_for_oci_are_those_of_the_modules() -> None:
    theirs, ours = oci_argument_spec(), _oci.OCI_OPTION["oci"]["options"]
    assert theirs.keys() == ours.keys()
    for name, option in ours.items():
        assert theirs[name]["type"] == option["type"], name
        assert theirs[name].get("choices") == option.get("choices"), name
        assert theirs[name].get("no_log") == option.get("no_log"), name
        variable = _oci._VARIABLES.get(name)
        assert theirs[name].get("fallback", (None, [None]))[1] == [variable], name


def test_a_client_of_aws_goes_where_the_gate_says() -> None:
    client = connected(**KEYS, region="eu-west-1", endpoint_url="http://127.0.0.1:1")
    assert (client.meta.region_name, client.meta.endpoint_url) == ("eu-west-1", "http://127.0.0.1:1")


def test_what_is_not_set_for_aws_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert connected(**KEYS).meta.region_name == "eu-west-3"


def test_a_configuration_file_of_aws_that_cannot_be_read_refuses_the_gate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("region = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with pytest.raises(RefusedError, match=f"{tmp_path}/config: line 1 stands before any section"):
        connected(**KEYS)


def test_a_client_is_made_once_for_all_probes_of_a_gate() -> None:
    options = options_of(cloudwatch_alarm.KIND, alarm_names=["errors"], aws={**KEYS, "region": "eu-west-1"})
    look = Probe(NOW, 5.0)
    assert _aws.client("cloudwatch", options, look) is _aws.client("cloudwatch", options, look)
    assert _aws.client("rds", options, look).meta.service_model.service_name == "rds"


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        ({**KEYS, "region": "eu-west-1", "profile": "operator"}, "both a profile and access tokens"),
        ({"profile": "there is none such", "region": "eu-west-1"}, "there is none such"),
        (KEYS, "requires a region"),
    ],
)
def test_what_cannot_sign_in_to_aws_is_refused(
    aws: dict[str, t.Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(RefusedError, match=message):
        connected(**aws)


def test_without_amazon_aws_the_gate_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ansible_collections.amazon.aws.plugins.module_utils.botocore", None)
    seen = connected(**KEYS)
    assert isinstance(seen, Observation)
    assert "ansible-galaxy collection install amazon.aws" in seen.remedy


def test_without_boto3_the_gate_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_sdk, "botocore", None)
    assert "pip install boto3" in connected(**KEYS).remedy


def test_keys_are_no_part_of_what_a_gate_means() -> None:
    def digest(**aws: t.Any) -> str:
        gate = {"name": "alarms", "cloudwatch_alarm": {"alarm_names": ["errors"], "aws": aws}}
        return defined(gate, {"cloudwatch_alarm": cloudwatch_alarm.KIND}).digest

    assert digest(**KEYS, region="eu-west-1") == digest(region="eu-west-1", access_key="AKIAOTHER")
    assert digest(**KEYS, region="eu-west-1") != digest(**KEYS, region="eu-west-2")


def test_what_is_not_set_for_oci_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCI_REGION", "eu-frankfurt-1")
    monkeypatch.setenv("OCI_TENANCY", "ocid1.tenancy.oc1..environment")
    monkeypatch.setenv("OCI_REALM_SPECIFIC_SERVICE_ENDPOINT_TEMPLATE_ENABLED", "true")
    options = _oci.sign_in_options({"region": "us-ashburn-1", "tenancy": None})
    assert (options["region"], options["tenancy"]) == ("us-ashburn-1", "ocid1.tenancy.oc1..environment")
    assert options["realm_specific_endpoint_template_enabled"] is True


def test_a_way_to_sign_in_to_oci_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCI_ANSIBLE_AUTH_TYPE", "by_magic")
    with pytest.raises(RefusedError, match="OCI_ANSIBLE_AUTH_TYPE is 'by_magic'"):
        _oci.sign_in_options(None)


def test_a_client_of_oci_is_made_once_with_the_options_and_the_time_of_the_probe() -> None:
    made: list[tuple[dict[str, t.Any], float]] = []

    def make(options: dict[str, t.Any], limit: float) -> str:
        made.append((options, limit))
        return "a client"

    look = Probe(NOW, 5.0)
    for _look in range(2):
        assert _oci.client(make, {"oci": {"region": "us-ashburn-1"}}, look) == "a client"
    ((options, limit),) = made
    assert (options["region"], limit) == ("us-ashburn-1", 5.0)


def test_without_the_sdk_of_oci_the_gate_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oci_sdk, "OCI_IMPORT_ERROR", "ImportError: oci")
    seen = _oci.client(lambda _options, _limit: "a client", {"oci": None}, Probe(NOW, 5.0))
    assert "pip install oci" in seen.remedy
