# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The one exception tree of the collection: what can go wrong, by what a caller should do about it."""

from __future__ import annotations

import traceback
from pathlib import PurePath


class TidegateError(Exception):
    """Something went wrong. The message is for a person: what was observed, what was expected, what to do next."""


class RefusedError(TidegateError):
    """What was requested cannot or must not be done to the object as it is. Nothing was written for it."""


class ConflictError(TidegateError):
    """Somebody else changed the object since it was read, or is changing it now: read again and decide again."""


class TransientError(TidegateError):
    """The service could not carry out the call now, but may soon.

    :ivar effect_unknown: whether the call may have been carried out all the same (a lost response, a 5xx).
    :ivar retry_after: seconds that the service asked to wait, if it gave any.
    """

    def __init__(self, message: str, *, effect_unknown: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.effect_unknown = effect_unknown
        self.retry_after = retry_after


class UnreachableError(TransientError):
    """No connection could be made, so nothing was carried out. Often a wrong endpoint or region."""

    def __init__(self, message: str) -> None:
        super().__init__(message, effect_unknown=False)


class NotFoundError(TidegateError):
    """The service does not know the object, or will not show it to these credentials (it does not say which)."""


class AccessError(TidegateError):
    """The service does not know the credentials (401), or they may not do this (403)."""


class ServiceRejectedError(TidegateError):
    """The service found the request itself wrong (400 and the like). Sending it again would not help."""


class UnknownFieldError(ServiceRejectedError):
    """The service refuses a field as one that it does not know.

    :ivar field: its name.
    :ivar path: the names from the outermost object down to it, if the service says so; otherwise empty.
    """

    def __init__(self, message: str, field: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.path = path


class RelatedResourceError(ServiceRejectedError):
    """The service does not find, or will not show to these credentials, something that the request refers to."""


class UnexpectedAnswerError(ServiceRejectedError):
    """What answered is not the service, or its answer has not the shape that it should have."""

    def __init__(self, action: str, endpoint: str, service: str, found: str, option: str) -> None:
        """
        :param action: what was tried, to follow "Cannot".
        :param service: who should have answered.
        :param found: what is wrong with the answer, without its values.
        :param option: the option that holds the endpoint.
        """
        super().__init__(
            f"Cannot {action}: what answered at {endpoint} is not {service} as it is known ({found}). Check {option}, "
            "and proxies on the way."
        )


class DefectError(TidegateError):
    """Something broke that nobody foresaw: a defect of the collection."""


def defect(broken: Exception) -> DefectError:
    """An error that nobody foresaw, reported by its type and place alone, because its message may hold secrets."""
    return DefectError(
        f"This collection itself broke with {type(broken).__name__} ({place_of(broken)}). This is a defect: report it "
        "with these words. What had been done until then is not undone; check it before you run this again."
    )


def place_of(broken: Exception) -> str:
    """Where an error came from, in words that hold nothing of what it was about."""
    where = traceback.extract_tb(broken.__traceback__)[-1]
    return f"{PurePath(where.filename).name}, line {where.lineno}"


class WorkRequestFailedError(TidegateError):
    """A change was accepted and then failed inside the service, which left the object as it was."""


class WaitTimeoutError(TidegateError):
    """The time that the user allowed ran out. What was accepted until then may still take effect."""
