# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWS' error responses, in the protocol of the client."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from aiohttp import web

#: XML namespaces of error documents. Other services get no namespace, which botocore accepts.
_NAMESPACES = {
    "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
    "cloudwatch": "http://monitoring.amazonaws.com/doc/2010-08-01/",
}
#: Services that use JSON, and name their operations in the path.
_REST_JSON = frozenset({"route53-recovery-control-config"})


class AwsError(Exception):
    """A call that AWS refuses.

    :ivar code: the service's own error code, for example ``NoSuchHealthCheck``.
    :ivar status: the HTTP status that belongs to it.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def error_response(request: web.Request, service: str, error: AwsError) -> web.Response:
    """The error response of this service: JSON for a client that uses JSON, otherwise XML."""
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    if service in _REST_JSON:
        headers["x-amzn-errortype"] = error.code
        return web.json_response({"message": error.message}, status=error.status, headers=headers)
    if "X-Amz-Target" in request.headers:
        body = json.dumps({"__type": error.code, "message": error.message})
        # Clients in query mode take the code from this header: services that moved from query to JSON kept their codes.
        headers["x-amzn-query-error"] = f"{error.code};{'Sender' if error.status < 500 else 'Receiver'}"
        return web.Response(status=error.status, text=body, content_type="application/x-amz-json-1.0", headers=headers)
    namespace = _NAMESPACES.get(service)
    attribute = f' xmlns="{namespace}"' if namespace else ""
    fault = "Sender" if error.status < 500 else "Receiver"
    body = (
        f'<?xml version="1.0"?>\n<ErrorResponse{attribute}><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return web.Response(status=error.status, text=body, content_type="text/xml", headers=headers)
