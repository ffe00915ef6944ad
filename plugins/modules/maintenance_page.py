#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render a maintenance page for the hosts that serve it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance_page
short_description: Render a maintenance page for the hosts that serve it
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Renders one content to HTML, plain text and JSON. It writes the files that each host needs to serve the page to a
    folder.
  - The page is one HTML file that loads nothing. It is light or dark as its reader prefers, works without JavaScript,
    and its colours have the contrast that WCAG 2.2 requires at level AA.
  - Clients get status 503 with C(Retry-After) and C(Cache-Control), unless O(answer) is changed.
  - Use the role C(tidegate.failover.maintenance_page), which also gives the program of the responder.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - Whether the files shall exist. V(absent) removes the files that this module made, and then the folder if it is
        empty.
    type: str
    choices: [present, absent]
    default: present
  directory:
    description:
      - The folder for the files. It is created if it does not exist. Use one folder for one page.
      - The module never overwrites a file that it did not make; then the task fails. The file C(.maintenance_page.json)
        in the folder names the files that the module made.
    type: path
    required: true
  hosts:
    description:
      - What will serve the page. At least one is needed to write files.
      - V(alb) writes C(alb.json), the actions and rules of a listener of an AWS Application Load Balancer.
      - V(api_gateway) writes C(api_gateway.json), the specification of a deployment of OCI API Gateway.
      - V(cloud_foundry), V(container) and V(systemd) write the responder, its content file and its
        C(requirements.txt), and C(manifest.yml) and C(Procfile), C(Containerfile), or C(maintenance-page.service).
    type: list
    elements: str
    choices: [alb, api_gateway, cloud_foundry, container, systemd]
    default: []
  title:
    description:
      - The heading, one line. If not given, a built-in sentence in O(language).
    type: str
  text:
    description:
      - The text of the page. An empty line separates paragraphs. It is plain text, so markup in it is shown as it is.
      - If not given, a built-in sentence in O(language).
    type: str
  expected_end:
    description:
      - When maintenance is expected to end, with a time zone, such as V(2026-11-29T10:00:00Z). It is shown in UTC.
      - It does not change O(retry_after), so clients still retry at that interval, and notice an early end.
    type: str
  contact:
    description:
      - Whom users can ask. An e-mail address, a telephone number or an https URL becomes a link.
    type: str
  logo:
    description:
      - A picture above the heading. A C(data:) URI in base64 is part of the page and counts towards its size.
      - With an C(https) URL, each reader loads the picture from that server. Then the page depends on that server,
        which may be down too, and the server can see who reads the page.
    type: str
  logo_alt:
    description:
      - The text that is shown or read out instead of the picture. Not needed if the picture is only decoration.
    type: str
  colors:
    description:
      - Colours instead of the default ones, such as V(#0b57d0).
      - Colours that cannot be read are refused. Text and accent need a contrast of 4.5 to 1 on their background; the
        message names the nearest colour that has it.
    type: dict
    suboptions:
      light:
        description:
          - Colours for readers who prefer light pages.
        type: dict
        suboptions:
          background:
            description:
              - Colour of the page.
            type: str
          text:
            description:
              - Colour of the text.
            type: str
          accent:
            description:
              - Colour of links and of the line above the heading, which is there if there is no logo.
            type: str
      dark:
        description:
          - Colours for readers who prefer dark pages.
        type: dict
        suboptions:
          background:
            description:
              - Colour of the page.
            type: str
          text:
            description:
              - Colour of the text.
            type: str
          accent:
            description:
              - Colour of links and of the line above the heading, which is there if there is no logo.
            type: str
  language:
    description:
      - The language of O(title) and O(text), and of clients that ask for none of the languages of the page.
    type: str
    choices: [en, de, es, fr, it, nl, pt]
    default: en
  translations:
    description:
      - The page in further languages. The responder sends the one that a client prefers (C(Accept-Language)). Other
        hosts only send O(language).
      - Where O(title) or O(text) is given, each translation needs its own.
    type: list
    elements: dict
    default: []
    suboptions:
      language:
        description:
          - The language.
        type: str
        choices: [en, de, es, fr, it, nl, pt]
        required: true
      title:
        description:
          - The heading in this language.
        type: str
      text:
        description:
          - The text of the page in this language.
        type: str
  answer:
    description:
      - The kind of answer.
      - V(unavailable) sends the page with status 503. Programs get a problem document (RFC 9457).
      - V(message) sends the page with status 200, for clients that do not show a 503. Caches, crawlers and monitors
        take it for the service itself.
      - V(json) sends JSON with status 200, an error code inside, and the header C(StatusHeader) with 503, for clients
        that drop the body of a 503.
    type: str
    choices: [unavailable, message, json]
    default: unavailable
  default_format:
    description:
      - The format for clients that accept any format, and for hosts that cannot choose by client.
    type: str
    choices: [html, text, json]
    default: html
  error_code:
    description:
      - The code in JSON documents, for programs. 1 to 64 letters, digits and C(_.:-).
    type: str
    default: MAINTENANCE
  retry_after:
    description:
      - Seconds after which clients should try again, in the header C(Retry-After) and in JSON documents. 1 to 86400.
    type: int
    default: 300
  cache_control:
    description:
      - The header C(Cache-Control). With V(no-store) nobody sees the page after maintenance has ended. With any other
        value, some users may.
    type: str
    default: no-store
  exempt:
    description:
      - Paths that get another answer, for all methods, such as paths of health checks and webhooks.
      - A health check that passes during maintenance keeps its site or backend in service. Do not exempt the path of a
        health check that decides about a failover.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - The path. With C(/*) at its end it stands for all paths below it.
        type: str
        required: true
      status:
        description:
          - The status code, 200 to 599.
        type: int
        default: 200
      body:
        description:
          - The body.
        type: str
        default: ""
      content_type:
        description:
          - The content type of the body.
        type: str
        default: text/plain
  app_name:
    description:
      - The name of the application, for O(hosts=cloud_foundry).
    type: str
    default: maintenance-page
  listen_address:
    description:
      - The IP address that the responder listens at, for O(hosts=systemd). The default address can only be reached from
        the machine itself, for example by a proxy.
    type: str
    default: 127.0.0.1
  listen_port:
    description:
      - The port that the responder listens at, for O(hosts=systemd) and O(hosts=container).
    type: int
    default: 8080
  responder:
    description:
      - The text of the responder's program. The role reads it from its file C(responder.py).
    type: str
  python:
    description:
      - The Python interpreter that runs the responder, for O(hosts=systemd). It needs the package C(waitress).
    type: str
    default: /usr/bin/python3
notes:
  - If the content exceeds a host's limit, the task is refused before anything is written. The message reports by how
    many bytes. The limits are 5,000 bytes for a stock response of API Gateway, 1,024 bytes for a fixed response of an
    ALB, and 5,000 bytes of the compressed page for the responder.
  - A fixed response of an ALB has no headers, so it has no C(Retry-After), C(Cache-Control) and C(StatusHeader). Its
    page has the browser's own colours and no logo.
"""

EXAMPLES = r"""
- name: Render the page for a deployment of OCI API Gateway
  tidegate.failover.maintenance_page:
    directory: /var/lib/tidegate/checkout-page
    hosts: [api_gateway]
    title: The shop is closed for maintenance
    text: We are moving to a new database. Orders that you have placed are safe.
    expected_end: "2026-11-29T10:00:00Z"
    contact: support@example.com

- name: Remove the files
  tidegate.failover.maintenance_page:
    directory: /var/lib/tidegate/checkout-page
    state: absent
"""

RETURN = r"""
files:
  description: Paths of the files of the page.
  returned: success
  type: list
  elements: str
  sample: [/var/lib/tidegate/checkout-page/api_gateway.json]
sizes:
  description:
    - How many bytes each form has in each language, uncompressed and compressed with gzip. The forms are C(html),
      C(text), C(problem) (RFC 9457) and C(coded) (JSON with an error code).
  returned: when O(state=present)
  type: dict
  sample:
    en:
      html: {bytes: 1389, gzip: 795}
api_gateway:
  description: The specification of the deployment, for the API of the service.
  returned: when O(hosts) has V(api_gateway)
  type: dict
alb:
  description:
    - C(DefaultActions) of the listener and its C(Rules), for the API of the service, and C(limitations), which lists
      what the page lacks there.
  returned: when O(hosts) has V(alb)
  type: dict
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.maintenance_page import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
