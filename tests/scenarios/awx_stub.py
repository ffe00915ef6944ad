# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The part of AWX's API that ansible-rulebook needs to launch a job template, and a record of the calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response


@dataclass
class Awx:
    """A controller that has every job template; each job succeeds at once.

    :ivar launches: the template's name, and what it was launched with.
    """

    url: str = ""
    launches: list[tuple[str, Json]] = field(default_factory=list)

    def respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        return Response(json.dumps(self._answer(request)), content_type="application/json")(environ, start_response)

    def _answer(self, request: Request) -> Json:
        if request.path.endswith("/unified_job_templates/"):
            return {"results": [_template(request.args["name"])]}
        if request.path.startswith("/launch/"):
            self.launches.append((request.path.removeprefix("/launch/"), request.get_json()))
            return {"url": f"/api/v2/jobs/{len(self.launches)}/"}
        if request.path.endswith("/jobs/"):
            ids = request.args["id__in"].split(",")
            return {
                "results": [{"id": int(job), "status": "successful", "created": "", "artifacts": {}} for job in ids]
            }
        return {"version": "24.6.1"}


def _template(name: str) -> Json:
    asked = {f"ask_{what}_on_launch": what != "labels" for what in ("limit", "labels", "inventory", "variables")}
    return {
        "id": 1,
        "type": "job_template",
        "name": name,
        "related": {"launch": f"/launch/{name}"},
        "summary_fields": {"organization": {"name": "Default"}},
        **asked,
    }


@contextmanager
def running_awx() -> Iterator[Awx]:
    """Run it while the block runs."""
    awx = Awx()
    server = make_server("127.0.0.1", 0, awx.respond, threaded=True)
    awx.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield awx
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
