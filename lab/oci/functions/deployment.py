# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A deployed function: a folder in the form of ``fn deploy`` with its ``func.yaml``, and a configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.control_error import ControlError

#: The program that runs a Python function in OCI's image, and the folder of the function's files there.
_FDK, _FOLDER = "/python/bin/fdk", "/function/"
_LONGEST_SECONDS = 300
_DEFAULT_SECONDS = 30
_RUNTIMES = ("python3.9", "python3.11", "python3.12")


@dataclass(frozen=True)
class Function:
    """A deployed function.

    :ivar words: the file of the function inside its folder, and the name of the handler in it.
    :ivar seconds: how long a call may take.
    """

    id: str
    name: str
    folder: Path
    words: tuple[str, str]
    seconds: int
    configuration: dict[str, str]

    def describe(self) -> dict[str, object]:
        """The function in the control API. A configuration may hold secrets, so only its keys are shown."""
        return {
            "id": self.id,
            "name": self.name,
            "folder": str(self.folder),
            "timeout": self.seconds,
            "configuration": sorted(self.configuration),
        }


def deployed(identifier: str, details: dict[str, Any]) -> Function:
    """Read a function from its folder.

    :param details: ``folder``, and ``configuration`` if there is any.
    :raises ControlError: the service could not run it.
    """
    if not identifier.startswith("ocid1.fnfunc."):
        raise ControlError("the id of a function must begin with ocid1.fnfunc.")
    folder = Path(str(details.get("folder")))
    if not folder.is_absolute() or not (folder / "func.yaml").is_file():
        raise ControlError("folder must be the absolute path of a folder with a func.yaml")
    described = yaml.safe_load((folder / "func.yaml").read_text(encoding="utf-8"))
    if not isinstance(described, dict) or described.get("runtime") not in _RUNTIMES:
        raise ControlError(f"the runtime in func.yaml must be one of {', '.join(_RUNTIMES)}")
    return Function(
        id=identifier,
        name=str(described.get("name")),
        folder=folder,
        words=_words(folder, described.get("entrypoint")),
        seconds=_seconds(described.get("timeout", _DEFAULT_SECONDS)),
        configuration=_configuration(details.get("configuration") or {}),
    )


def _words(folder: Path, entrypoint: object) -> tuple[str, str]:
    words = str(entrypoint).split()
    if len(words) != 3 or words[0] != _FDK or not words[1].startswith(_FOLDER):
        raise ControlError(f"the entrypoint in func.yaml must be {_FDK} {_FOLDER}FILE HANDLER")
    file = words[1].removeprefix(_FOLDER)
    if not (folder / file).is_file():
        raise ControlError(f"the folder has no file {file}, which the entrypoint in func.yaml names")
    return file, words[2]


def _seconds(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= _LONGEST_SECONDS:
        raise ControlError(f"the timeout in func.yaml must be a number of seconds from 1 to {_LONGEST_SECONDS}")
    return given


def _configuration(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ControlError("configuration must be an object whose values are texts")
    return given
