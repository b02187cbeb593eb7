"""In which language a request is answered."""

from typing import Final

from fastapi import Request

from bilanz.app.web.state import server_of
from bilanz.messages import LANGUAGES, Language

COOKIE: Final = "bilanz_language"


def language_of(request: Request, preferred: str | None = None) -> Language:
    """Return the language chosen on the page, else the user's, else one the browser names, else German."""
    named = request.headers.get("accept-language", "").split(",")
    wanted = [
        request.cookies.get(server_of(request).cookie(COOKIE)),
        preferred,
        *(part.strip()[:2].lower() for part in named),
    ]
    return next((language for name in wanted for language in LANGUAGES if name == language), "de")
