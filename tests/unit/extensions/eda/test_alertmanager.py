# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the source accepts from Alertmanager, what it refuses, and when it confirms a notification."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter import alarm
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import alertmanager as source_plugin
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import Json, alert, alertmanager
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import (
    DEADLINE_SECONDS,
    listening,
    running,
    until,
)

from lab.ports import free_port

PASSWORD = "p:ss wörd"
TOKEN = "t0ken"
BASIC = f"Basic {base64.b64encode(f'alertmanager:{PASSWORD}'.encode()).decode()}"
BY_PASSWORD: Json = {"username": "alertmanager", "password": PASSWORD}
BY_TOKEN: Json = {"token": TOKEN}


@dataclass
class Source:
    """A source that listens, and the engine's end of its queue."""

    port: int = field(default_factory=free_port)
    queue: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)

    async def post(self, body: bytes | Json, **headers: str) -> aiohttp.ClientResponse:
        """Send it something; with its password unless other credentials are given."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", "Authorization": BASIC} | headers
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"http://127.0.0.1:{self.port}/", data=data, headers=given)
            await answer.read()
            return answer


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    made = Source()
    async with running(source_plugin.main, made.queue, {"port": made.port, **BY_PASSWORD}):
        await listening(made.port)
        yield made


async def test_a_notification_is_passed_on_with_the_time_at_which_it_came(source: Source) -> None:
    assert (await source.post(alertmanager())).status == 200
    event = source.queue.get_nowait()
    assert event["payload"] == alertmanager()
    age = datetime.now(UTC) - datetime.fromisoformat(event["meta"]["received_at"])
    assert 0 <= age.total_seconds() < DEADLINE_SECONDS


async def test_what_alertmanager_repeats_is_another_event(source: Source) -> None:
    for _unused in range(2):
        await source.post(alertmanager())
    first, second = (source.queue.get_nowait()["meta"]["uuid"] for _unused in range(2))
    assert first != second


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Basic",
        "Basic YWxlcnRtYW5hZ2VyOndyb25n",
        f"Basic {base64.b64encode(f'other:{PASSWORD}'.encode()).decode()}",
        BASIC.replace("Basic", "Bearer"),
        "Basic \u00e4\u00f6",
    ],
)
async def test_without_the_password_it_asks_for_it(source: Source, credentials: str) -> None:
    answer = await source.post(alertmanager(), Authorization=credentials)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="alarms"')
    assert source.queue.empty()


async def test_a_token_is_taken_in_place_of_a_password() -> None:
    made = Source()
    async with running(source_plugin.main, made.queue, {"port": made.port, **BY_TOKEN}):
        await listening(made.port)
        assert (await made.post(alertmanager(), Authorization=f"Bearer {TOKEN}")).status == 200
        for other in (BASIC, "Bearer other", f"Basic {TOKEN}", ""):
            answer = await made.post(alertmanager(), Authorization=other)
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="alarms"')
    assert made.queue.qsize() == 1


@pytest.mark.parametrize("body", [b"", b"text", b"[]", b"{}", b'{"alerts": {}}', b"\xff\xfe", b"[" * 60_000])
async def test_what_is_no_notification_is_refused(source: Source, body: bytes) -> None:
    assert (await source.post(body)).status == 400
    assert source.queue.empty()


async def test_a_body_that_is_too_large_is_refused(source: Source) -> None:
    assert (await source.post(b"{}", **{"Content-Length": str(source_plugin.MOST_BYTES + 1)})).status == 413


async def test_the_log_says_that_alerts_were_left_out(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    assert (await source.post(alertmanager(truncatedAlerts=2))).status == 200
    assert "a notification without the alerts that max_alerts of its receiver left out" in caplog.text


async def test_a_busy_engine_has_the_notification_sent_again() -> None:
    made = Source(queue=asyncio.Queue(1))
    async with running(source_plugin.main, made.queue, {"port": made.port, "accept_timeout": 0.1, **BY_PASSWORD}):
        await listening(made.port)
        assert [(await made.post(alertmanager())).status for _unused in range(2)] == [200, 503]


async def test_with_feedback_the_answer_waits_for_all_alerts_of_a_notification() -> None:
    made, feedback = Source(), asyncio.Queue[Json]()
    options = {"port": made.port, "feedback": True, "eda_feedback_queue": feedback, **BY_PASSWORD}
    async with running(source_plugin.main, made.queue, options):
        await listening(made.port)
        answer = asyncio.ensure_future(made.post(alertmanager(alert(), alert("resolved"))))
        parts = alarm.main(await asyncio.wait_for(made.queue.get(), DEADLINE_SECONDS))
        assert isinstance(parts, list)
        await feedback.put(parts[0])
        await until(feedback.empty)
        await asyncio.sleep(0.1)
        assert not answer.done()
        await feedback.put(parts[1])
        assert (await answer).status == 200


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ({}, "either username and password"),
        ({**BY_PASSWORD, **BY_TOKEN}, "either username and password"),
        ({"username": "alertmanager"}, "either password or password_file"),
        ({"password": PASSWORD}, "username must be a str"),
        ({"token": 123456}, "token must be a str"),
        ({**BY_TOKEN, "token_file": "x"}, "either token or token_file"),
        ({**BY_TOKEN, "tokens": "x"}, "There is no option tokens"),
        ({**BY_TOKEN, "port": "8443"}, "port is '8443'"),
        ({**BY_TOKEN, "host": "0.0.0.0"}, "would cross the network to 0.0.0.0 in the clear"),  # noqa: S104
    ],
)
async def test_options_that_cannot_work_are_reported(given: dict[str, Any], reported: str) -> None:
    with pytest.raises(ValueError, match=reported) as problem:
        await source_plugin.main(asyncio.Queue(), {"port": 1, **given})
    assert not any(secret in str(problem.value) for secret in (PASSWORD, TOKEN + " ", "123456"))


async def test_the_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    made = Source()
    # A rulebook passes unset variables in this form.
    options = {"port": made.port, "token_file": str(file), "username": "", "password_file": ""}
    async with running(source_plugin.main, made.queue, options):
        await listening(made.port)
        assert (await made.post(alertmanager(), Authorization=f"Bearer {TOKEN}")).status == 200
