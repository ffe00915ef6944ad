# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Reads requests and writes answers of a REST-XML service by the service's model, with moto's parser and serialiser."""

from __future__ import annotations

import uuid
from typing import Any
from xml.etree.ElementTree import ParseError

from aiohttp import web
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.serialize import ResponseSerializer, SerializationContext, get_serializer_class
from werkzeug.datastructures import Headers, MultiDict

from lab.aws.errors import AwsError
from lab.aws.route53_health_checks.constraints import check_constraints


async def read_request(request: web.Request, operation: OperationModel, path_values: dict[str, str]) -> dict[str, Any]:
    """Parse a request and check it against the model.

    :raises AwsError: 400 InvalidInput, or 400 MalformedInput for a body that is not XML.
    """
    parser = PROTOCOL_PARSERS["rest-xml"](operation)
    try:
        parsed: dict[str, Any] = parser.parse(
            {
                "body": await request.read(),
                "headers": Headers(list(request.headers.items())),
                "method": request.method,
                "url_params": path_values,
                "url_path": request.path,
                "values": MultiDict(list(request.query.items())),
            }
        )
    except (RequestParserError, ParseError, ValueError) as error:
        raise AwsError(400, "MalformedInput", f"The request could not be read: {error}") from error
    parameters = {name: value for name, value in parsed.items() if value is not None}
    if operation.input_shape is not None:
        check_constraints(operation.input_shape, parameters)
    return parameters


def write_answer(operation: OperationModel, result: dict[str, Any]) -> web.Response:
    """The answer of a successful operation."""
    request_id = str(uuid.uuid4())
    serializer_class = get_serializer_class(operation.service_model.service_name, "rest-xml")
    serializer: ResponseSerializer = serializer_class(operation, SerializationContext(request_id))
    answer = serializer.serialize(result)
    headers = {"x-amzn-requestid": request_id} | dict(answer["headers"])
    body = answer["body"]
    return web.Response(
        status=answer["status_code"], body=body.encode() if isinstance(body, str) else body, headers=headers
    )
