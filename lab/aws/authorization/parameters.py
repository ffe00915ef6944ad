# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The parameters of a call, in any of the protocols."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

from aiohttp import web
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

from lab.api_call import ApiCall
from lab.aws.calls import find_rest_operation
from lab.aws.errors import AwsError


async def parameters_of(request: web.Request, call: ApiCall) -> dict[str, Any]:
    """Read the parameters of a call; empty for an unknown operation.

    :raises AwsError: 400: the request cannot be read.
    """
    found = _operation(request, call)
    if found is None:
        return {}
    operation, path_values, protocol = found
    form = parse_qsl(await request.text(), keep_blank_values=True) if protocol in ("query", "ec2") else []
    given: Any = {
        "body": await request.read(),
        "headers": Headers(list(request.headers.items())),
        "method": request.method,
        "url_params": {name: unquote(value) for name, value in path_values.items()},
        "url_path": request.path,
        "values": MultiDict([*request.query.items(), *form]),
    }
    try:
        parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(given)
    except (RequestParserError, ValueError, SyntaxError) as error:
        raise AwsError(400, "MalformedInput", f"The request could not be read: {error}") from error
    return {name: value for name, value in parsed.items() if value is not None}


def _operation(request: web.Request, call: ApiCall) -> tuple[OperationModel, dict[str, str], str] | None:
    """The operation's model, the values in the path, and the client's protocol."""
    if call.operation == "unknown":
        return None
    model = get_service_model(call.service)
    protocol = str(model.metadata["protocol"])
    if protocol.startswith("rest-"):
        found = find_rest_operation(call.service, request.method, request.raw_path.partition("?")[0])
        return (*found, protocol) if found is not None else None
    if call.operation not in model.operation_names:
        return None
    spoken = "json" if "X-Amz-Target" in request.headers else "ec2" if call.service == "ec2" else "query"
    return model.operation_model(call.operation), {}, spoken
