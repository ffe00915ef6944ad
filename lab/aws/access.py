# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's principals: their signatures, and the actions that they are allowed or denied."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from lab.api_call import ApiCall
from lab.aws.authorization.parameters import parameters_of
from lab.aws.authorization.policy import Decision, Wanted, decide
from lab.aws.authorization.refusal import refusal
from lab.aws.authorization.subjects import arn_of_user, policies_of
from lab.aws.authorization.wanted import Place, wanted
from lab.aws.calls import CredentialScope, credential_scope
from lab.aws.errors import AwsError

#: The greatest clock error of a client (AWS' documentation of Signature Version 4; only S3 allows fifteen minutes).
_MAX_SKEW = timedelta(minutes=5)
_SIGNED_HEADERS = "SignedHeaders="
#: Allowed whatever policies contain (API reference of STS).
_ALWAYS_ALLOWED = frozenset({"sts:GetCallerIdentity"})


@dataclass
class Principal:
    """The owner of an access key.

    :ivar denied: patterns of ``service:Operation`` that an explicit policy denies, as in ``route53:Update*``.
    :ivar session_token: required with temporary credentials.
    :ivar policies: the policy documents with all permissions of the principal; None if everything is allowed.
    """

    name: str
    secret_key: str
    denied: set[str] = field(default_factory=set)
    session_token: str | None = None
    policies: list[str] | None = None


class Access:
    """Checks each request's signature and its sender's permissions.

    :ivar enforced: whether the policies of IAM users and roles are enforced. The lab's own key may do everything except
        for denied actions, like the account's root user. The policies of principals are always enforced.
    """

    def __init__(self, account_id: str, principals: dict[str, Principal]) -> None:
        self._account_id = account_id
        self.enforced = False
        #: By access key.
        self.principals = principals

    def hold(self, name: str, policies: list[str]) -> str:
        """Create a principal with these policies; returns its access key.

        IAM can do that too, but moto's IAM reads all AWS managed policies when it is first used after a reset.
        """
        access_key = f"AKIALAB{name.upper():.<13}"[:20].replace(".", "0")
        made = self.principals.setdefault(access_key, Principal(name, f"lab/{name}/secret/key/of/no/real/account"))
        made.policies = policies
        return access_key

    async def check(self, request: web.Request, call: ApiCall, clock_skew: float = 0) -> None:
        """Check a request.

        :param clock_skew: seconds by which the service's own clock is off.
        :raises AwsError: 403: no signature, an unknown key, a wrong signature, or a denied action.
        """
        scope = credential_scope(request)
        if scope is None:
            raise AwsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        principal = self._principal(scope.access_key)
        token = request.headers.get("X-Amz-Security-Token")
        if principal is None or principal.session_token != token:
            raise AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        await _check_signature(request, scope, principal.secret_key, clock_skew)
        held = principal.denied or principal.policies is not None
        if held or (self.enforced and scope.access_key not in self.principals):
            await self._authorise(request, call, scope, principal)

    async def _authorise(
        self, request: web.Request, call: ApiCall, scope: CredentialScope, principal: Principal
    ) -> None:
        """:raises AwsError: something that the call needs is denied, or nothing allows it."""
        place = Place(self._account_id, scope.region)
        for one in wanted(call.service, call.operation, await parameters_of(request, call), place):
            if one.action in _ALWAYS_ALLOWED:
                continue
            arn, decision = self._decision(scope.access_key, principal, one)
            if not decision.allowed:
                raise refusal(call.service, arn, one, decision)

    def _decision(self, access_key: str, principal: Principal, asked: Wanted) -> tuple[str, Decision]:
        if access_key in self.principals:
            return arn_of_user(self._account_id, principal.name), _decided(principal, asked)
        found = policies_of(self._account_id, access_key)
        if found is None:
            raise RuntimeError(f"IAM has lost {principal.name} since the signature was checked.")
        arn, policies = found
        return arn, decide(policies, asked)

    def _principal(self, access_key: str) -> Principal | None:
        if access_key in self.principals:
            return self.principals[access_key]
        for user in iam_backends[self._account_id]["aws"].users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key:
                    return Principal(user.name, key.secret_access_key)
        for role in sts_backends[self._account_id]["aws"].assumed_roles:
            if role.access_key_id == access_key:
                return Principal(role.session_name, role.secret_access_key, session_token=role.session_token)
        return None


def _decided(principal: Principal, asked: Wanted) -> Decision:
    if any(fnmatchcase(asked.action, pattern) for pattern in principal.denied):
        return Decision(allowed=False, explicit=True)
    return Decision(allowed=True) if principal.policies is None else decide(principal.policies, asked)


async def _check_signature(request: web.Request, scope: CredentialScope, secret_key: str, clock_skew: float) -> None:
    timestamp = request.headers.get("X-Amz-Date", "")
    _check_clock(timestamp, clock_skew)
    authorization = request.headers["Authorization"]
    signed = authorization.partition(_SIGNED_HEADERS)[2].partition(",")[0].strip().split(";")
    headers = {name: request.headers[name] for name in signed if name in request.headers}
    url = urlsplit(str(request.url))._replace(
        path=request.raw_path.partition("?")[0], query=request.raw_path.partition("?")[2]
    )
    copy = AWSRequest(request.method, url.geturl(), headers=headers, data=await request.read())
    copy.context["timestamp"] = timestamp
    signer = SigV4Auth(Credentials(scope.access_key, secret_key), scope.signing_name, scope.region)
    expected = signer.signature(signer.string_to_sign(copy, signer.canonical_request(copy)), copy)
    given = authorization.partition("Signature=")[2].strip()
    if not hmac.compare_digest(expected, given):
        raise AwsError(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )


def _check_clock(timestamp: str, clock_skew: float) -> None:
    now = datetime.now(UTC) + timedelta(seconds=clock_skew)
    try:
        sent = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise AwsError(
            403, "IncompleteSignature", f"Date must be in ISO-8601 basic format. Got '{timestamp}'."
        ) from error
    if sent < now - _MAX_SKEW:
        limit = (now - _MAX_SKEW).strftime("%Y%m%dT%H%M%SZ")
        message = f"Signature expired: {timestamp} is now earlier than {limit} ({now:%Y%m%dT%H%M%SZ} - 5 min.)"
        raise AwsError(403, "SignatureDoesNotMatch", message)
    if sent > now + _MAX_SKEW:
        limit = (now + _MAX_SKEW).strftime("%Y%m%dT%H%M%SZ")
        message = f"Signature not yet current: {timestamp} is still later than {limit} ({now:%Y%m%dT%H%M%SZ} + 5 min.)"
        raise AwsError(403, "SignatureDoesNotMatch", message)
