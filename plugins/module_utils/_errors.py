# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The exceptions of the collection, ordered by what a caller should do about them."""

from __future__ import annotations

import traceback
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import PurePath

#: The key of a failing result that holds the code of its failure.
CODE_KEY = "error_code"


class TidegateError(Exception):
    """Something went wrong. The message is for a person: what was observed, what was expected, what to do next.

    :cvar own_code: the error code if none is given. See docs/troubleshooting.md.
    """

    own_code: t.ClassVar[str] = "TG-FAILED"

    def __init__(self, message: str, *, code: str = "") -> None:
        """
        :param code: a more specific error code than that of the class.
        """
        super().__init__(message)
        self._code = code

    @property
    def code(self) -> str:
        """The error code in docs/troubleshooting.md. Without a specific one, the code of the cause is used."""
        problem, passed = self, {id(self)}
        while not problem._code and problem.own_code in GENERAL_CODES:
            cause = problem.__cause__
            # An exception that is raised again may be its own cause.
            if not isinstance(cause, TidegateError) or id(cause) in passed:
                break
            problem = cause
            passed.add(id(cause))
        return problem._code or problem.own_code


#: The general codes, which only mean that something went wrong.
GENERAL_CODES = ("TG-FAILED", "TG-REFUSED")


def failure(problem: TidegateError, and_so: str = "") -> dict[str, t.Any]:
    """The fields of a failed result: message and error code.

    :param and_so: a text that is appended to the message.
    """
    return {"msg": f"{problem}{and_so}", CODE_KEY: problem.code}


def code_of(problem: TidegateError | None) -> dict[str, str]:
    """The error code as a field of a result; empty if nothing went wrong."""
    return {} if problem is None else {CODE_KEY: problem.code}


def code_of_first(results: Sequence[Mapping[str, t.Any]]) -> dict[str, str]:
    """The error code of several results: the code of the first that failed."""
    return next(({CODE_KEY: str(one[CODE_KEY])} for one in results if one.get("failed") and one.get(CODE_KEY)), {})


def with_code(message: str, code: str) -> str:
    """A message in the form for people: the code is at its end, once."""
    return message if not code or f"[{code}]" in message else f"{message} [{code}]"


class RefusedError(TidegateError):
    """The request cannot or must not be carried out in the present state of the object. Nothing was written for it."""

    own_code = "TG-REFUSED"


class OptionError(RefusedError):
    """An option is not valid, by itself or for the object that it names. Nothing was changed for it."""

    own_code = "TG-OPTION"


class ConflictError(TidegateError):
    """Somebody else changed the object since it was read, or is changing it now: read again and decide again."""

    own_code = "TG-CONFLICT"


class TransientError(TidegateError):
    """The service could not carry out the call now, but may soon.

    :ivar effect_unknown: whether the call may have been carried out all the same (a lost response, a 5xx).
    :ivar retry_after: seconds that the service asked to wait, if it gave any.
    """

    own_code = "TG-UNAVAILABLE"

    def __init__(self, message: str, *, effect_unknown: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.effect_unknown = effect_unknown
        self.retry_after = retry_after


class UnreachableError(TransientError):
    """No connection could be made, so nothing was carried out. Often a wrong endpoint or region."""

    own_code = "TG-UNREACHABLE"

    def __init__(self, message: str) -> None:
        super().__init__(message, effect_unknown=False)


class NotFoundError(TidegateError):
    """The object does not exist, or these credentials may not read it (the service does not distinguish these)."""

    own_code = "TG-NOT-FOUND"


class AccessError(TidegateError):
    """The credentials are not valid (401), or lack the right to do this (403)."""

    own_code = "TG-ACCESS"


class ServiceRejectedError(TidegateError):
    """The service rejected the request itself (400 and the like). To repeat it would not help."""

    own_code = "TG-REJECTED"


class UnknownFieldError(ServiceRejectedError):
    """The service refuses an unknown field.

    :ivar field: its name.
    :ivar path: the names from the outermost object down to it, if the service reports them; otherwise empty.
    """

    def __init__(self, message: str, field: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.path = path


class RelatedResourceError(ServiceRejectedError):
    """The request refers to an object that does not exist, or that these credentials may not read."""

    own_code = "TG-RELATED"


class UnexpectedAnswerError(ServiceRejectedError):
    """Something other than the service answered, or the answer does not have the expected form."""

    own_code = "TG-WRONG-ENDPOINT"

    def __init__(self, action: str, endpoint: str, service: str, found: str, option: str) -> None:
        """
        :param action: what was tried, to follow "Cannot".
        :param service: the service that should have answered.
        :param found: what is wrong with the answer, without its values.
        :param option: the option that holds the endpoint.
        """
        super().__init__(
            f"Cannot {action}: what answered at {endpoint} is not {service} as it is known ({found}). Check {option}, "
            "and proxies on the way."
        )


class DefectError(TidegateError):
    """An unexpected error: a defect of the collection."""

    own_code = "TG-DEFECT"


def defect(broken: Exception) -> DefectError:
    """An unexpected error, reported only by its type and place, because its message may contain secrets."""
    return DefectError(
        f"This collection itself broke with {type(broken).__name__} ({place_of(broken)}). This is a defect: report it "
        "with these words. What had been done until then is not undone; check it before you run this again."
    )


def place_of(broken: Exception) -> str:
    """The file and line of an error, without its message."""
    where = traceback.extract_tb(broken.__traceback__)[-1]
    return f"{PurePath(where.filename).name}, line {where.lineno}"


class WorkRequestFailedError(TidegateError):
    """A change was accepted and then failed inside the service, which left the object as it was."""

    own_code = "TG-WORK-REQUEST"


class WaitTimeoutError(TidegateError):
    """The time that the user allowed ran out. What was accepted until then may still take effect."""

    own_code = "TG-TIMEOUT"
