# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The caller of a request and the caller's permissions: tokens, roles in spaces, and rate limits."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.cloudfoundry.errors import ApiError
from lab.cloudfoundry.platform import App, Json, Platform, Space
from lab.cloudfoundry.uaa import ADMIN, ADMIN_READ_ONLY, READ, WRITE, Account, Uaa

#: Roles that may change routes and their destinations; ``ROLES_FOR_APP_MANAGING`` of cloud_controller_ng.
_MANAGING = ("space_developer", "space_supporter")


@dataclass(frozen=True)
class User:
    """The owner of a token, on this platform."""

    account: Account
    platform: Platform

    @property
    def actor(self) -> Json:
        """The user in audit events."""
        return {"guid": self.account.guid, "type": "user", "name": self.account.name}

    def roles_in(self, space: Space) -> set[str]:
        """The roles of this user in the space."""
        return {role.type for role in self.platform.roles if role.user == self.account.guid and role.space is space}

    def reads(self, space: Space) -> bool:
        """Whether this user may see the content of the space."""
        if {ADMIN, ADMIN_READ_ONLY} & set(self.account.scopes):
            return True
        return READ in self.account.scopes and bool(self.roles_in(space))

    def reads_secrets(self, space: Space) -> bool:
        """Whether this user may see values that the API hides from other users."""
        return ADMIN in self.account.scopes or "space_developer" in self.roles_in(space)

    def readable_apps(self) -> set[str]:
        """The guids of all apps that this user may see."""
        return {app.guid for app in self.platform.apps if self.reads(app.space)}

    def sees(self, app: App) -> bool:
        """Whether this user may see the app."""
        return self.reads(app.space)

    def check_may_manage(self, space: Space) -> None:
        """:raises ApiError: this user may not change routes in the space, or nobody may change them at the moment."""
        admin = ADMIN in self.account.scopes
        allowed = WRITE in self.account.scopes and self.roles_in(space) & set(_MANAGING)
        if not admin and not allowed:
            raise ApiError("NotAuthorized", "You are not authorized to perform the requested action")
        if space.organization.suspended and not admin:
            raise ApiError("OrgSuspended", "The organization is suspended")


USER: web.RequestKey[User] = web.RequestKey("lab_cloudfoundry_user", User)


def authenticate(uaa: Uaa, platform: Platform) -> Middleware:
    """Make the middleware that refuses requests without a token, except for the roots."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in ("/", "/v3"):
            return await handler(request)
        scheme, _unused, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            raise ApiError("NotAuthenticated", "Authentication error")
        account = uaa.account_of(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise ApiError("InvalidAuthToken", "Invalid Auth Token")
        request[USER] = User(account, platform)
        return await handler(request)

    return check


class RateLimit:
    """Counts the requests of each user, like the middleware RateLimiter."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._counts: dict[str, tuple[int, float]] = {}

    def forget(self) -> None:
        """Reset the counts of all users."""
        self._counts.clear()

    def middleware(self) -> Middleware:
        """Make the middleware. It comes after the middleware that authenticates the user."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            limit = self._platform.settings.requests
            user = request.get(USER)
            if limit is None or user is None:
                return await handler(request)
            made, reset = self._one_more(user.account.guid)
            headers = {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(max(0, limit - made)),
                "X-RateLimit-Reset": str(int(reset)),
            }
            if made > limit:
                headers["Retry-After"] = str(max(1, math.ceil(reset - time.time())))
                raise ApiError("RateLimitExceeded", "Rate Limit Exceeded", headers)
            response = await handler(request)
            response.headers.update(headers)
            return response

        return count

    def _one_more(self, guid: str) -> tuple[int, float]:
        made, reset = self._counts.get(guid, (0, 0.0))
        if reset <= time.time():
            made, reset = 0, time.time() + self._platform.settings.interval_seconds
        self._counts[guid] = (made + 1, reset)
        return made + 1, reset
