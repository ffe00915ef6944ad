# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Why a configuration file of a cloud's SDK cannot be read, by line number. The text of lines is never shown."""

from __future__ import annotations

import codecs
import configparser
from pathlib import Path


def fault_in(path: Path, default_section: str | None, first_section: str) -> str | None:
    """The problem of a file that should be an INI file, and what to do about it.

    :param default_section: the SDK's section whose values apply to all other sections.
    :param first_section: the section to suggest for a file without sections.
    :returns: None if the file can be read.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        return f"it cannot be read ({problem.strerror}). Check its path and its permissions"
    return _fault_in_bytes(data) or _fault_in_text(data.decode("utf-8"), default_section, first_section)


def _fault_in_bytes(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is UTF-16. Save it as UTF-8"
    if data.startswith(codecs.BOM_UTF8):
        return "line 1 begins with a byte order mark (BOM), which the SDK does not read. Save it as UTF-8 without BOM"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        return f"line {line} holds a character that is not UTF-8. Save it as UTF-8"
    return None


def _fault_in_text(text: str, default_section: str | None, first_section: str) -> str | None:
    # None disables the default section. The type hints of the standard library do not include it.
    parser = configparser.RawConfigParser(default_section=default_section)  # type: ignore[arg-type]
    try:
        parser.read_string(text)
    except configparser.DuplicateSectionError as problem:
        return _section_twice(problem.section, problem.lineno)
    except configparser.DuplicateOptionError as problem:
        line = _last_begin(text, problem.section, problem.lineno or 0)
        if line:
            return _section_twice(problem.section, line)
        return (
            f"line {problem.lineno} sets {problem.option} in section [{problem.section}] a second time. "
            "Keep one of the two"
        )
    except configparser.MissingSectionHeaderError as problem:
        return f"line {problem.lineno} stands before any section. Put [{first_section}] above it"
    except configparser.ParsingError as problem:
        errors = getattr(problem, "errors", None)
        number = errors[0][0] if errors else getattr(problem, "lineno", None)
        return f"line {number} is neither a [section], a 'name = value' nor a comment. Correct or delete it"
    return None


def _section_twice(section: str, line: int | None) -> str:
    return f"section [{section}] begins a second time at line {line}. Merge or rename one of the two"


def _last_begin(text: str, section: str, before: int) -> int:
    """The last line before ``before`` at which a section begins again; 0 if it begins only once."""
    lines = text.splitlines()[:before]
    begins = [number for number, line in enumerate(lines, 1) if line.strip().startswith(f"[{section}]")]
    return begins[-1] if len(begins) > 1 else 0
