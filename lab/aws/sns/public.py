# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The unsigned requests of SNS: its certificate, and the links in its messages."""

from __future__ import annotations

from aiohttp import web

from lab.api_call import ApiCall
from lab.aws.errors import AwsError
from lab.aws.moto_server import MotoServer
from lab.aws.sns.signing import Signer

_LINKS = {"ConfirmSubscription": "TopicArn", "Unsubscribe": "SubscriptionArn"}


class SnsPublic:
    """Handles unsigned requests."""

    def __init__(self, signer: Signer, moto: MotoServer) -> None:
        self._signer = signer
        self._moto = moto

    async def handle(self, request: web.Request, call: ApiCall) -> web.Response:
        """Return the certificate, or follow a link.

        :raises AwsError: 403: the request needs a signature.
        """
        if request.path == self._signer.certificate_path:
            return web.Response(body=self._signer.certificate, content_type="application/x-x509-ca-cert")
        parameter = _LINKS.get(call.operation)
        arn = request.query.get(parameter, "") if parameter is not None else ""
        if request.method != "GET" or len(arn.split(":")) < 6:
            raise AwsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        # moto finds service and region in a signature's scope; it does not verify the signature.
        region = arn.split(":")[3]
        scope = (
            f"AWS4-HMAC-SHA256 Credential=PUBLIC/20200101/{region}/sns/aws4_request, SignedHeaders=host, Signature=0"
        )
        return await self._moto.forward(request, authorization=scope)
