# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Builds the documentation site into .cache/site/html: the documents of the repository, and a page for each plugin.

The sources have the layout of the repository, so that a link between two documents works in both. Every warning of
antsibull-docs or Sphinx fails the build. The same commit gives the same bytes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tools.collection_copy import copy_collection, project_files
from tools.environment import CACHE, COLLECTIONS, ROOT, SetUpError, set_up, sync
from tools.packing import EPOCH

TOOLS = CACHE / "site-tools"
SITE = CACHE / "site"
PAGES = "collections"
#: The address of the repository's files.
REPOSITORY = "https://git.example.com/tidegate/failover/src/branch/main/"
ENTRANCE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>tidegate.failover</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"></head>
<body><a href="docs/index.html">tidegate.failover</a></body></html>
"""
#: Labels of Ansible's own documentation, and their addresses.
LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "ansible_collections.amazon.aws.cloudwatch_metric_alarm_module": (
        "collections/amazon/aws/cloudwatch_metric_alarm_module.html"
    ),
    "ansible_collections.amazon.aws.route53_health_check_module": (
        "collections/amazon/aws/route53_health_check_module.html"
    ),
    "ansible_collections.community.aws.sns_module": "collections/community/aws/sns_module.html",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


class SiteError(Exception):
    """The site could not be built; the message names the reason."""


def main() -> int:
    """Build; returns the exit status."""
    try:
        set_up("the tools for the documentation site", "site.txt", TOOLS, sync)
        source = _prepared()
        options = ("-q", "-W", "--keep-going", "-b", "html", "-c", "docs", "-d", str(SITE / "doctrees"))
        _run("sphinx-build", *options, ".", str(SITE / "html"), at=source)
    except (SiteError, SetUpError) as error:
        print(error, file=sys.stderr)
        return 1
    (SITE / "html" / "index.html").write_text(ENTRANCE, encoding="utf-8")
    print(f"The site: {(SITE / 'html' / 'index.html').relative_to(ROOT)}")
    return 0


def _prepared() -> Path:
    """The folder of the sources, recreated."""
    shutil.rmtree(SITE, ignore_errors=True)
    source = SITE / "source"
    (source / PAGES).mkdir(parents=True, mode=0o755)
    (source / "ansible.inv").write_bytes(inventory(LABELS))
    for path in filter(_is_a_source, project_files()):
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = (ROOT / path).read_text(encoding="utf-8")
            target.write_text(for_the_site(text, path.as_posix()), encoding="utf-8")
        else:
            shutil.copyfile(ROOT / path, target)
    collection = copy_collection(SITE / "collection")
    paths = f"{collection.parents[2]}{os.pathsep}{COLLECTIONS}"
    options = ("collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", PAGES)
    _run("antsibull-docs", *options, "tidegate.failover", at=source, ANSIBLE_COLLECTIONS_PATH=paths)
    return source


def inventory(labels: Mapping[str, str]) -> bytes:
    """A Sphinx inventory with these labels and their addresses."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: \n# The remainder is compressed using zlib.\n"
    lines = "".join(f"{label} std:label -1 {place} -\n" for label, place in sorted(labels.items()))
    return head.encode() + zlib.compress(lines.encode())


def for_the_site(text: str, name: str) -> str:
    """The document with links to pages of the site.

    :param name: its path in the repository.
    """
    folder = PurePosixPath(name).parent

    def link(found: re.Match[str]) -> str:
        target = found["target"]
        if target.startswith(REPOSITORY):
            # The archive does not have this file, but the site has it.
            return f"[{found['text']}](/{target.removeprefix(REPOSITORY)}{found['anchor'] or ''})"
        if "://" in target or target.startswith("mailto:"):
            return found[0]
        path = PurePosixPath(os.path.normpath(folder / target))
        page = page_of(path)
        if page is not None:
            return f"[{found['text']}](/{page})"
        # Other targets, such as a folder of sources, are named without a link.
        return found[0] if (ROOT / path).is_file() else found["text"]

    return _LINK.sub(link, text)


def page_of(path: PurePosixPath) -> PurePosixPath | None:
    """The page of a plugin's file; None if the file has no page."""
    kinds = {"plugins/modules": "module", "plugins/filter": "filter"}
    kind = kinds.get(str(path.parent))
    return PurePosixPath(PAGES) / f"{path.stem}_{kind}.rst" if kind else None


def _is_a_source(path: Path) -> bool:
    """Whether a file is a page, or a file that pages show or link to."""
    if path.parts[0] == "ISSUE_TEMPLATE":
        return False
    if path.parts[0] == "docs" or path.suffix in (".md", ".png", ".svg"):
        return True
    return path.parts[0] in ("LICENSES", "extensions", "tests") and path.suffix in (".json", ".toml", ".txt", ".yml")


def _run(program: str, *arguments: str, at: Path, **environment: str) -> None:
    """:raises SiteError: the program failed."""
    fixed = {
        "PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(SITE),
        "SOURCE_DATE_EPOCH": str(EPOCH),
    }
    outcome = subprocess.run(
        (str(TOOLS / "bin" / program), *arguments),
        cwd=at,
        env=os.environ | fixed | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    output = f"{outcome.stdout}{outcome.stderr}".strip()
    if outcome.returncode != 0:
        raise SiteError(f"{program} failed:\n{output}")
    if output:
        print(output)


if __name__ == "__main__":
    sys.exit(main())
