# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How Sphinx builds the documentation site; `make site` prepares the sources (see tools/site.py)."""

from __future__ import annotations

project = "tidegate.failover"
author = "The Tidegate authors"
project_copyright = "2026 The Tidegate authors"
html_title = "tidegate.failover"
html_theme = "furo"
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None
# Readers of the site fetch nothing from elsewhere: it works from a folder, and behind any firewall.
html_theme_options = {"navigation_with_keys": True}
extensions = ["sphinx_antsibull_ext", "sphinx.ext.intersphinx", "myst_parser"]
#: Pages of Ansible's documentation to which our pages refer. tools/site.py makes the file, so that nothing is fetched.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}
#: antsibull-docs lists there pages that our own pages list already.
exclude_patterns = ["collections/index.rst"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
highlight_language = "yaml+jinja"
nitpicky = False
#: The folder of the sources has the layout of the repository, so that links between documents work in both.
root_doc = "docs/index"
