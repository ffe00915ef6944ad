# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWX's API as far as the modules of ``awx.awx`` use it, strict: what AWX would not understand is refused."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios import awx_fields
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

TOKEN = "made-up-token"

#: Objects that can be launched or scheduled, by their endpoint, with what their type is called.
_UNIFIED = {
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "projects": "project",
    "inventory_sources": "inventory_source",
    "workflow_approval_templates": "workflow_approval_template",
}
_NOTIFICATIONS = {f"notification_templates_{when}" for when in ("started", "success", "error", "approvals")}
#: What can be associated with an object, by its endpoint, with the endpoint of what is associated.
_ASSOCIATIONS: Mapping[str, Mapping[str, str]] = {
    "job_templates": {"credentials": "credentials", **dict.fromkeys(_NOTIFICATIONS, "notification_templates")},
    "workflow_job_templates": dict.fromkeys(_NOTIFICATIONS, "notification_templates"),
    "workflow_job_template_nodes": {
        f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")
    },
}
_PAGE = 25
_SCOPES = {"inventory_sources": "inventory", "schedules": "unified_job_template"}
_NOTHING = Response(status=204)


class RefusedRequestError(Exception):
    """The API refuses a request."""

    def __init__(self, problems: Any, status: int = 400) -> None:
        super().__init__(json.dumps(problems))
        self.problems, self.status = problems, status


@dataclass
class AwxApi:
    """One controller.

    :ivar playbooks: the playbooks in the repository of each project.
    :ivar records: what it answers about jobs, by the path.
    :ivar writes: method and path of each request that was to change something, in order.
    """

    url: str = ""
    playbooks: list[str] = field(default_factory=list)
    objects: dict[str, dict[int, Json]] = field(default_factory=lambda: {name: {} for name in awx_fields.FIELDS})
    surveys: dict[int, Json] = field(default_factory=dict)
    links: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    records: dict[str, Json] = field(default_factory=dict)
    _last: int = 0

    def add(self, endpoint: str, **fields: Any) -> Json:
        """Somebody creates an object by hand."""
        return self._create(endpoint, fields)

    def named(self, endpoint: str) -> dict[str, Json]:
        """All objects of a kind, by their names."""
        return {one.get("name") or one["identifier"]: one for one in self.objects[endpoint].values()}

    def linked(self, identifier: int, what: str) -> list[int]:
        """What is associated with an object."""
        return self.links.setdefault((identifier, what), [])

    def tell_of_workflow(self, *, job: int, workflow: int | None, launcher: str, approver: str | None) -> None:
        """Have a job that runs in a workflow job with an approval, if it runs in one."""
        source = {"source_workflow_job": {"id": workflow}} if workflow is not None else {}
        by = {"approved_or_denied_by": {"id": 3, "username": approver}} if approver else {}
        nodes = [{"summary_fields": {"job": {"id": 42, "type": "workflow_approval"}}}, {"summary_fields": {}}]
        self.records = {
            f"jobs/{job}/": {"summary_fields": source},
            f"workflow_jobs/{workflow}/": {"launched_by": {"id": 2, "name": launcher, "type": "user"}},
            f"workflow_jobs/{workflow}/workflow_nodes/": {"next": None, "results": nodes},
            "workflow_approvals/42/": {
                "name": "approve",
                "status": "successful" if approver else "pending",
                "timed_out": False,
                "finished": datetime.now(UTC).isoformat() if approver else None,
                "summary_fields": by,
            },
        }

    def respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except RefusedRequestError as refusal:
            response = Response(json.dumps(refusal.problems), refusal.status)
        response.headers["Content-Type"] = "application/json"
        response.headers["X-API-Product-Name"] = "AWX"
        response.headers["X-API-Product-Version"] = "24.6.1"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise RefusedRequestError({"detail": "Authentication credentials were not provided."}, 401)
        words = request.path.removeprefix("/api/v2/").strip("/").split("/")
        if not request.path.startswith("/api/v2/") or not request.path.endswith("/"):
            raise RefusedRequestError({"detail": "Not found."}, 404)
        if request.method != "GET":
            self.writes.append(f"{request.method} {request.path}")
        if request.method == "GET" and (record := self.records.get(request.path.removeprefix("/api/v2/"))):
            return _json(record)
        if words == ["unified_job_templates"] and request.method == "GET":
            return self._list(request, words[0], self._unified())
        if words[0] not in self.objects or len(words) > 3:
            raise RefusedRequestError({"detail": "Not found."}, 404)
        if len(words) == 1:
            return self._collection(request, words[0])
        return self._object(request, words[0], words)

    def _collection(self, request: Request, endpoint: str) -> Response:
        if request.method == "GET":
            return self._list(request, endpoint, self.objects[endpoint])
        if request.method == "POST" and endpoint != "workflow_approval_templates":
            return _json(self._create(endpoint, _body(request)), 201)
        raise RefusedRequestError({"detail": "Method not allowed."}, 405)

    def _object(self, request: Request, endpoint: str, words: list[str]) -> Response:
        one = self._get(endpoint, int(words[1]))
        if len(words) == 3:
            return self._sub(request, endpoint, one, words[2])
        methods: Mapping[str, Callable[[], Response]] = {
            "GET": lambda: _json(self._shown(endpoint, one)),
            "PATCH": lambda: self._change(endpoint, one, _body(request)),
            "DELETE": lambda: self._delete(endpoint, one),
        }
        if request.method not in methods:
            raise RefusedRequestError({"detail": "Method not allowed."}, 405)
        return methods[request.method]()

    def _get(self, endpoint: str, identifier: int) -> Json:
        if identifier not in self.objects[endpoint]:
            raise RefusedRequestError({"detail": "Not found."}, 404)
        return self.objects[endpoint][identifier]

    def _unified(self) -> dict[int, Json]:
        return {key: one for endpoint in _UNIFIED for key, one in self.objects[endpoint].items()}

    def _list(self, request: Request, endpoint: str, objects: Mapping[int, Json]) -> Response:
        asked = {name: value for name, value in request.args.items() if name not in ("page", "page_size")}
        known = {*awx_fields.FIELDS.get(endpoint, ()), *awx_fields.FILTERS.get(endpoint, ()), "id"}
        if unknown := {name for name in asked if name.removeprefix("or__") not in known}:
            raise RefusedRequestError({"detail": f"{endpoint} cannot be filtered by {sorted(unknown)}"}, 400)
        found = [one for one in objects.values() if self._matches(endpoint, one, asked)]
        page = int(request.args.get("page", 1))
        shown = found[(page - 1) * _PAGE : page * _PAGE]
        more = f"/api/v2/{endpoint}/?page={page + 1}" if page * _PAGE < len(found) else None
        if more:
            more += "".join(f"&{name}={value}" for name, value in asked.items())
        return _json({"count": len(found), "next": more, "results": [self._shown(_home(one), one) for one in shown]})

    def _matches(self, endpoint: str, one: Json, asked: Mapping[str, str]) -> bool:
        either = {name: value for name, value in asked.items() if name.startswith("or__")}
        every = {name: value for name, value in asked.items() if name not in either}
        fits = [self._has(one, name.removeprefix("or__"), value) for name, value in either.items()]
        return (not fits or any(fits)) and all(self._has(one, name, value) for name, value in every.items())

    def _has(self, one: Json, name: str, value: str) -> bool:
        first, _dunder, rest = name.partition("__")
        if rest == "startswith":
            return str(one.get(first, "")).startswith(value)
        if not rest:
            return str(one.get(first)) == value
        target = one.get(first)
        kind = awx_fields.FIELDS[_home(one)][first].of
        return target is not None and self._has(self.objects[kind][target], rest, value)

    def _create(self, endpoint: str, sent: Json) -> Json:
        self._check(endpoint, None, sent)
        self._last += 1
        defaults = {name: one.default for name, one in awx_fields.FIELDS[endpoint].items()}
        kept = awx_fields.kept(endpoint, sent)
        one = {
            **defaults,
            **kept,
            "id": self._last,
            "type": _type(endpoint),
            "url": f"/api/v2/{endpoint}/{self._last}/",
        }
        self.objects[endpoint][self._last] = one
        return self._shown(endpoint, one)

    def _change(self, endpoint: str, one: Json, sent: Json) -> Response:
        self._check(endpoint, one, sent)
        kept = awx_fields.kept(endpoint, sent)
        one.update({name: value for name, value in kept.items() if name not in ("type", "managed")})
        return _json(self._shown(endpoint, one))

    def _check(self, endpoint: str, before: Json | None, sent: Json) -> None:
        if problems := awx_fields.misfits(endpoint, sent, new=before is None):
            raise RefusedRequestError(problems)
        after = {**(before or {}), **sent}
        for name, one in awx_fields.FIELDS[endpoint].items():
            target = after.get(name)
            there = self._unified() if one.of == "unified_job_templates" else self.objects.get(one.of, {})
            if one.kind == "id" and target is not None and target not in there:
                raise RefusedRequestError({name: [f'Invalid pk "{target}" - object does not exist.']})
        self._check_unique(endpoint, before, after)
        if check := {
            "job_templates": self._check_job_template,
            "credential_types": _check_credential_type,
            "projects": _check_project,
            "schedules": _check_schedule,
        }.get(endpoint):
            check(after)

    def _check_unique(self, endpoint: str, before: Json | None, after: Json) -> None:
        key = {"workflow_job_template_nodes": "identifier"}.get(endpoint, "name")
        scope = {"workflow_job_template_nodes": "workflow_job_template"}.get(endpoint) or _SCOPES.get(
            endpoint, "organization"
        )
        for other in self.objects[endpoint].values():
            same = other.get(key) == after.get(key) and other.get(scope) == after.get(scope)
            if same and (before is None or other["id"] != before["id"]) and endpoint != "workflow_approval_templates":
                raise RefusedRequestError({"__all__": [f"{endpoint} with this {key} already exists."]})

    def _check_job_template(self, after: Json) -> None:
        if after.get("playbook") not in self.playbooks:
            raise RefusedRequestError({"playbook": ["Playbook not found for project."]})
        if after.get("inventory") is None and not after.get("ask_inventory_on_launch"):
            raise RefusedRequestError({"inventory": ["You must either set a default value or ask for it."]})

    def _delete(self, endpoint: str, one: Json) -> Response:
        used = endpoint == "credential_types" and [
            other for other in self.objects["credentials"].values() if other["credential_type"] == one["id"]
        ]
        if used:
            raise RefusedRequestError({"detail": "Credential types that are in use cannot be deleted"}, 403)
        del self.objects[endpoint][one["id"]]
        approval = one.get("unified_job_template") if endpoint == "workflow_job_template_nodes" else None
        self.objects["workflow_approval_templates"].pop(approval or 0, None)
        for other_endpoint, others in self.objects.items():
            for other in [*others.values()]:
                self._forget(other_endpoint, other, endpoint, one["id"])
        for linked in self.links.values():
            if one["id"] in linked:
                linked.remove(one["id"])
        return _NOTHING

    def _forget(self, endpoint: str, other: Json, gone: str, identifier: int) -> None:
        """What refers to an object that is gone goes too, where it belongs to it; else it refers to nothing."""
        if other["id"] not in self.objects[endpoint]:
            return
        for name, one in awx_fields.FIELDS[endpoint].items():
            refers = one.of == gone or (one.of == "unified_job_templates" and gone in _UNIFIED)
            if not refers or other.get(name) != identifier:
                continue
            parts = name in ("workflow_job_template", "inventory") and endpoint != "job_templates"
            if parts or endpoint == "schedules":
                self._delete(endpoint, other)
                return
            other[name] = None

    def _shown(self, endpoint: str, one: Json) -> Json:
        related: Json = {}
        if endpoint in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{one['url']}survey_spec/"
        if endpoint == "projects":
            related["update"] = f"{one['url']}update/"
        target = one.get("unified_job_template")
        if endpoint == "workflow_job_template_nodes" and target in self._unified():
            related["unified_job_template"] = self._unified()[target]["url"]
        extra: Json = {"scm_revision": "0" * 40} if endpoint == "projects" else {}
        return {**one, **extra, "related": related, "summary_fields": {}}

    def _sub(self, request: Request, endpoint: str, one: Json, what: str) -> Response:
        if what == "survey_spec" and endpoint in ("job_templates", "workflow_job_templates"):
            return self._survey(request, one)
        if what == "create_approval_template" and endpoint == "workflow_job_template_nodes":
            return self._approval_template(request, one)
        if what == "update" and endpoint == "projects" and request.method == "POST":
            raise RefusedRequestError({"detail": "The tests do not update projects."}, 405)
        kind = _ASSOCIATIONS.get(endpoint, {}).get(what)
        if kind is None:
            raise RefusedRequestError({"detail": "Not found."}, 404)
        linked = self.linked(one["id"], what)
        if request.method == "GET":
            shown = [self._shown(kind, self.objects[kind][key]) for key in linked]
            return _json({"count": len(shown), "next": None, "results": shown})
        sent = _body(request)
        if (
            not awx_fields.is_a(sent.get("id"), int)
            or sent["id"] not in self.objects[kind]
            or set(sent) - {"id", "disassociate"}
        ):
            raise RefusedRequestError({"detail": f"{sent} associates nothing of {kind}"})
        if sent.get("disassociate"):
            linked.remove(sent["id"])
        elif sent["id"] not in linked:
            if kind == "workflow_job_template_nodes" and _leads_to(self, sent["id"], one["id"]):
                raise RefusedRequestError({"Error": "Cycle detected."})
            linked.append(sent["id"])
        return _NOTHING

    def _survey(self, request: Request, one: Json) -> Response:
        if request.method == "GET":
            return _json(self.surveys.get(one["id"], {}))
        if request.method == "DELETE":
            self.surveys.pop(one["id"], None)
            return _json({})
        sent = _body(request)
        if problem := awx_fields.survey_misfit(sent):
            raise RefusedRequestError({"error": problem})
        self.surveys[one["id"]] = sent
        return _json({})

    def _approval_template(self, request: Request, node: Json) -> Response:
        if request.method != "POST" or node["unified_job_template"] is not None:
            raise RefusedRequestError({"detail": "The node has a template already."})
        made = self._create("workflow_approval_templates", _body(request))
        node["unified_job_template"] = made["id"]
        return _json(made, 201)


def _leads_to(awx: AwxApi, start: int, end: int) -> bool:
    following = [key for when in ("success", "failure", "always") for key in awx.linked(start, f"{when}_nodes")]
    return start == end or any(_leads_to(awx, key, end) for key in following)


def _home(one: Json) -> str:
    return str(one["url"]).split("/")[3]


def _type(endpoint: str) -> str:
    return {"inventories": "inventory"}.get(endpoint, endpoint.removesuffix("s"))


def _check_project(after: Json) -> None:
    if after.get("scm_type") and not after.get("scm_url"):
        raise RefusedRequestError({"scm_url": ["SCM URL is required."]})
    if after.get("local_path") and after.get("scm_type"):
        raise RefusedRequestError({"local_path": ["A project of a repository has no path."]})


def _check_schedule(after: Json) -> None:
    if problem := awx_fields.rrule_misfit(after["rrule"]):
        raise RefusedRequestError({"rrule": [problem]})


def _check_credential_type(after: Json) -> None:
    inputs, injectors = after.get("inputs", {}), after.get("injectors", {})
    if set(inputs) - {"fields", "required"} or set(injectors) - {"file", "env", "extra_vars"}:
        raise RefusedRequestError({"inputs": ["unknown properties"]})
    fields = {one["id"]: one for one in inputs.get("fields", [])}
    allowed = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "default"}
    for one in fields.values():
        if set(one) - allowed or not one.get("label") or one.get("type") not in ("string", "boolean"):
            raise RefusedRequestError({"inputs": [f"{one} is no field"]})
        if one.get("format") not in (None, "ssh_private_key", "url") or not re.fullmatch(r"[A-Za-z_]\w*", one["id"]):
            raise RefusedRequestError({"inputs": [f"{one} is no field"]})
    if set(inputs.get("required", [])) - set(fields):
        raise RefusedRequestError({"inputs": ["required names no field"]})
    _check_injectors(injectors, fields)


def _check_injectors(injectors: Json, fields: Mapping[str, Json]) -> None:
    files = injectors.get("file", {})
    if any(not re.fullmatch(r"template(\.[A-Za-z_]\w*)?", name) for name in files):
        raise RefusedRequestError({"injectors": [f"{sorted(files)} are no names of files"]})
    many = {name.partition(".")[2]: "a path" for name in files}
    names: Any = "a path" if "template" in files else many
    for name in injectors.get("env", {}):
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or name.startswith("ANSIBLE_"):
            raise RefusedRequestError({"injectors": [f"Environment variable {name} is not allowed"]})
    for kind, templates in injectors.items():
        for name, template in templates.items():
            if kind == "env" and not template.isascii():
                raise RefusedRequestError({"injectors": [f"{name} is not ASCII"]})
            render(template, {**dict.fromkeys(fields, "x"), "tower": {"filename": names}}, StrictUndefined)


def render(template: str, values: Json, undefined: Any) -> str:
    """A template of an injector, as AWX renders it."""
    try:
        return ImmutableSandboxedEnvironment(undefined=undefined).from_string(template).render(values)
    except TemplateError as problem:
        raise RefusedRequestError({"injectors": [f"{template}: {problem}"]}) from problem


def _body(request: Request) -> Json:
    sent = request.get_json()
    if not isinstance(sent, dict):
        raise RefusedRequestError({"detail": "JSON parse error"})
    return sent


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status)


@contextmanager
def running_awx_api(*playbooks: str) -> Iterator[AwxApi]:
    """Run it while the block runs.

    :param playbooks: those in the repository of each project.
    """
    awx = AwxApi(playbooks=list(playbooks))
    server = make_server("127.0.0.1", 0, awx.respond, threaded=True)
    awx.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield awx
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
