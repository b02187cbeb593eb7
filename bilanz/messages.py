"""Everything a user reads, in German and English.

English templates are the message identifiers; German stands in `locale/de/*.po` (gettext, read through
Babel, one file per area so that each stays small). Placeholders are `str.format` fields.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
_HEADING: Final = "heading: "
_LOCALE = Path(__file__).parent / "locale"


def default_language() -> Language:
    """Return the language asked for by `BILANZ_LANG` or `LANG`; English where neither says German."""
    asked = os.environ.get("BILANZ_LANG") or os.environ.get("LANG") or "en"
    return "de" if asked.lower().startswith("de") else "en"


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return template → translation for a language; empty for English, whose templates are the texts."""
    if language == "en":
        return {}
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    for path in sorted((_LOCALE / language).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string:
                    texts[str(message.id)] = str(message.string)
    return texts


def translate(template: str, language: Language, **parameters: Any) -> str:  # noqa: ANN401
    """Return the text of a template in a language; an untranslated template stays English."""
    text = catalogue(language).get(template, template)
    return text.format(**parameters) if parameters else text


def heading(name: str, language: Language) -> str:
    """Return the heading of a column; in English, and where none is written, the name itself.

    Headings are templates of their own: a column of a user's file named "value" stays "value" in a message.
    """
    return translate(f"{_HEADING}{name}", language).removeprefix(_HEADING)
