"""The tables an officer fills in: the standard upload, and the forms for what has no file of its own."""

import tempfile
from pathlib import Path

from bilanz.errors import UnknownName, UsageError
from bilanz.messages import Language, translate
from importers.forms.form import forms
from importers.forms.template import write_form as write
from importers.upload.template import write_template

STANDARD = "standard"


def forms_listed(language: Language) -> list[dict[str, str]]:
    """Return what can be written: `kind`, `title`, `sentence`, `importer`; the standard upload first."""
    standard = {
        "kind": STANDARD,
        "title": translate("Standard upload", language),
        "sentence": translate("One row is one quantity with its period, unit and source.", language),
        "importer": STANDARD,
    }
    rest = [
        {
            "kind": form.code,
            "title": form.title.shown(language),
            "sentence": form.sentence.shown(language),
            "importer": form.importer,
        }
        for form in forms().values()
    ]
    return [standard, *rest]


def write_form(path: Path, kind: str | None, language: Language) -> None:
    """Write an empty table with its examples; without a kind the standard upload.

    Raises:
        UsageError: there is no such kind; or the ending is none a template is written with.
    """
    if kind is None or kind == STANDARD:
        write_template(path, language)
        return
    form = forms().get(kind)
    if form is None:
        known = ", ".join([STANDARD, *forms()])
        raise UsageError('There is no form "{name}". There are: {known}.', name=kind, known=known)
    write(form, path, language)


def form_bytes(kind: str, ending: str, language: Language) -> bytes:
    """Return an empty table as a file.

    Raises:
        UnknownName: there is no such kind.
    """
    known = [entry["kind"] for entry in forms_listed(language)]
    if kind not in known:
        message = 'There is no form "{name}". There are: {known}.'
        raise UnknownName(message, name=kind, known=", ".join(known))
    with tempfile.TemporaryDirectory(prefix="bilanz-") as folder:
        path = Path(folder) / f"form.{ending}"
        write_form(path, kind, language)
        return path.read_bytes()
