# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The built-in sentences of the page, in each of its languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentences:
    """The texts of the page in one language.

    :ivar title: the heading, where the user gives none.
    :ivar message: the text, where the user gives none.
    :ivar expected_end: the text before the expected end.
    :ivar contact: the text before the contact.
    """

    title: str
    message: str
    expected_end: str
    contact: str


SENTENCES = {
    "en": Sentences(
        "Down for maintenance",
        "This service is being maintained. Please try again later.",
        "Expected to end:",
        "Contact:",
    ),
    "de": Sentences(
        "Wartungsarbeiten",
        "Dieser Dienst wird gerade gewartet. Bitte versuchen Sie es später noch einmal.",
        "Voraussichtliches Ende:",
        "Kontakt:",
    ),
    "es": Sentences(
        "En mantenimiento",
        "Este servicio está en mantenimiento. Vuelva a intentarlo más tarde.",
        "Fin previsto:",
        "Contacto:",
    ),
    "fr": Sentences(
        "Maintenance en cours",
        "Ce service est en cours de maintenance. Veuillez réessayer plus tard.",
        "Fin prévue :",
        "Contact :",
    ),
    "it": Sentences(
        "Manutenzione in corso",
        "Questo servizio è in manutenzione. Riprova più tardi.",
        "Fine prevista:",
        "Contatto:",
    ),
    "nl": Sentences(
        "In onderhoud",
        "Deze dienst is in onderhoud. Probeer het later opnieuw.",
        "Verwacht einde:",
        "Contact:",
    ),
    "pt": Sentences(
        "Em manutenção",
        "Este serviço está em manutenção. Tente novamente mais tarde.",
        "Fim previsto:",
        "Contato:",
    ),
}
