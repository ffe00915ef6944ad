# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Functions in the lab: deployed from a folder, run for each message of a topic, and retried where they fail."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import oci
import pytest
from ansible_collections.tidegate.failover.tests.contract import waiting
from oci.ons import models

from lab.process import LabProcessError, RunningLab, running_lab

FUNCTION = "ocid1.fnfunc.oc1.iad.aaaaexample"
eventually = partial(waiting.eventually, seconds=60)
DESCRIPTION = """
schema_version: 20180708
name: noting
runtime: python3.11
entrypoint: /python/bin/fdk /function/func.py handler
timeout: {seconds}
"""
#: Writes down what it gets, and does then what the test gives it to do.
SOURCE = """
import datetime, json, os, pathlib, subprocess, sys, time

HERE = pathlib.Path(__file__).parent

def handler(ctx, data=None):
    calls = len(list(HERE.glob("call-*")))
    (HERE / f"call-{calls}").write_text(data.getvalue().decode())
    print("a line of the function", flush=True)
    BODY
    return "done"
"""


@pytest.fixture
def deploy(lab: RunningLab, tmp_path: Path) -> Callable[..., Path]:
    """Deploy a function of this body, and subscribe it; returns its folder."""
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.05})

    return lambda *body, **more: deploy_at(lab, tmp_path, *body, **more)


def deploy_at(lab: RunningLab, folder: Path, body: str = "pass", seconds: int = 30, **configuration: str) -> Path:
    (folder / "func.yaml").write_text(DESCRIPTION.format(seconds=seconds))
    (folder / "func.py").write_text(SOURCE.replace("BODY", body))
    lab.control("PUT", f"/oci/functions/{FUNCTION}", {"folder": str(folder), "configuration": configuration})
    subscribe(lab)
    return folder


def subscribe(lab: RunningLab, function: str = FUNCTION) -> Any:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    client = oci.ons.NotificationDataPlaneClient(config, service_endpoint=lab.info["oci"]["endpoint"])
    details = models.CreateSubscriptionDetails(
        topic_id=lab.info["oci"]["topic"]["id"],
        compartment_id=lab.info["oci"]["compartment_id"],
        protocol="ORACLE_FUNCTIONS",
        endpoint=function,
    )
    return client.create_subscription(details).data


def publish(lab: RunningLab, text: str = "hello") -> None:
    lab.control("POST", "/oci/messages", {"text": text})


def delivered(lab: RunningLab) -> Any:
    """The last delivery, once it is over."""
    eventually(lambda: lab.control("GET", "/oci/deliveries")[-1]["outcome"] != "trying")
    return lab.control("GET", "/oci/deliveries")[-1]


def calls(folder: Path) -> list[str]:
    return [file.read_text() for file in sorted(folder.glob("call-*"))]


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_function_gets_the_message_and_is_subscribed_without_a_confirmation(lab: RunningLab, deploy: Any) -> None:
    folder = deploy()
    assert [one["lifecycleState"] for one in lab.control("GET", "/oci/subscriptions")] == ["ACTIVE"]
    publish(lab, '{"type": "OK_TO_FIRING"}')
    assert (delivered(lab)["attempts"], delivered(lab)["last_answer"]) == (1, "200 done")
    assert calls(folder) == ['{"type": "OK_TO_FIRING"}']
    assert [call["status"] for call in lab.control("GET", "/oci/functions")["calls"]] == [200]


def test_a_function_that_raises_gets_the_message_again(lab: RunningLab, deploy: Any) -> None:
    folder = deploy("if calls < 2: raise ValueError('not yet')")
    publish(lab)
    assert (delivered(lab)["outcome"], delivered(lab)["attempts"]) == ("delivered", 3)
    assert calls(folder) == ["hello"] * 3
    made = lab.control("GET", "/oci/functions")["calls"]
    assert [(call["status"], call["text"]) for call in made[:2]] == [(502, "not yet")] * 2


def test_a_function_that_ends_in_the_middle_gets_the_message_again(lab: RunningLab, deploy: Any) -> None:
    folder = deploy("if not calls: os._exit(3)")
    publish(lab)
    assert (delivered(lab)["outcome"], delivered(lab)["attempts"]) == ("delivered", 2)
    assert calls(folder) == ["hello"] * 2


def test_a_function_that_takes_too_long_is_ended_and_gets_the_message_again(lab: RunningLab, deploy: Any) -> None:
    started = "(HERE / 'child').write_text(str(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1).pid))"
    folder = deploy(f"if not calls: {started}; time.sleep(60)", seconds=1)
    publish(lab)
    assert delivered(lab)["attempts"] == 2
    first = lab.control("GET", "/oci/functions")["calls"][0]
    assert (first["status"], first["text"]) == (504, "the function took longer than its time-out of 1 s")
    assert not is_alive(int((folder / "child").read_text()))


def test_a_function_that_cannot_be_loaded_is_an_error(lab: RunningLab, deploy: Any) -> None:
    deploy("this is not Python")
    publish(lab)
    assert (delivered(lab)["outcome"], delivered(lab)["attempts"]) == ("discarded", 7)
    assert delivered(lab)["last_answer"].startswith("502 ")


def test_a_function_has_its_configuration_its_deadline_and_its_own_identity(lab: RunningLab, deploy: Any) -> None:
    names = "RULE_SET", "OCI_SERVICE_ENDPOINT", "OCI_RESOURCE_PRINCIPAL_VERSION", "FN_FN_ID"
    wanted = f"(HERE / 'given').write_text(json.dumps([os.environ[n] for n in {names}] + [ctx.Deadline()]))"
    folder = deploy(wanted, RULE_SET="sorry")
    publish(lab)
    assert delivered(lab)["outcome"] == "delivered"
    *given, deadline = json.loads((folder / "given").read_text())
    assert given == ["sorry", lab.info["oci"]["endpoint"], "2.2", FUNCTION]
    assert deadline.endswith("Z")


def test_what_a_function_prints_is_kept_and_goes_with_the_lab(lab: RunningLab, deploy: Any) -> None:
    deploy()
    publish(lab)
    assert delivered(lab)["outcome"] == "delivered"
    log = Path(lab.info["oci"]["functions_log"])
    assert "a line of the function" in log.read_text()
    assert str(log.relative_to(lab.directory)) in lab.info["owned"]["files"]


def test_nothing_is_left_beside_the_function(lab: RunningLab, deploy: Any) -> None:
    folder = deploy()
    publish(lab)
    assert delivered(lab)["outcome"] == "delivered"
    assert sorted(path.name for path in folder.iterdir()) == ["call-0", "func.py", "func.yaml"]


def test_a_function_that_does_not_exist_cannot_be_subscribed(lab: RunningLab) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        subscribe(lab, "ocid1.fnfunc.oc1.iad.unknown")
    assert (refused.value.status, refused.value.code) == (404, "NotAuthorizedOrNotFound")
    assert lab.control("GET", "/oci/subscriptions") == []


def test_a_function_that_is_removed_gets_nothing_more(lab: RunningLab, deploy: Any) -> None:
    folder = deploy()
    lab.control("DELETE", f"/oci/functions/{FUNCTION}")
    publish(lab)
    assert (delivered(lab)["outcome"], delivered(lab)["last_answer"]) == ("discarded", "404 there is no such function")
    assert calls(folder) == []


def test_a_reset_ends_the_function_that_runs(lab: RunningLab, deploy: Any) -> None:
    folder = deploy("(HERE / 'pid').write_text(str(os.getpid())); time.sleep(60)")
    publish(lab)
    eventually((folder / "pid").exists)
    pid = int(eventually((folder / "pid").read_text))
    lab.reset()
    assert not is_alive(pid)
    assert lab.control("GET", "/oci/functions") == {"functions": [], "calls": []}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends by its time-out")
def test_a_lab_that_is_killed_takes_its_function_along(tmp_path: Path) -> None:
    folder, home = tmp_path / "function", tmp_path / "lab"
    folder.mkdir()
    with suppress(LabProcessError), running_lab(home, "--parts", "oci") as lab:
        deploy_at(lab, folder, "(HERE / 'pid').write_text(str(os.getpid())); time.sleep(60)")
        publish(lab)
        eventually((folder / "pid").exists)
        pid = int(eventually((folder / "pid").read_text))
        os.kill(lab.info["pid"], signal.SIGKILL)
        eventually(lambda: not is_alive(pid))


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("func.yaml", "runtime: go", "runtime"),
        ("func.yaml", "runtime: python3.11\nentrypoint: ./run", "entrypoint"),
        ("func.yaml", DESCRIPTION.format(seconds=301), "from 1 to 300"),
        ("func.yaml", DESCRIPTION.format(seconds=30).replace("func.py", "other.py"), "no file other.py"),
    ],
)
def test_what_the_service_could_not_run_is_not_deployed(
    lab: RunningLab, deploy: Any, name: str, text: str, why: str
) -> None:
    folder = deploy()
    (folder / name).write_text(text)
    with pytest.raises(LabProcessError, match=why):
        lab.control("PUT", f"/oci/functions/{FUNCTION}", {"folder": str(folder)})
