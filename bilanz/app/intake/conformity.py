"""Is a delivery what the open delivery format asks for? Tested without a database, by whoever sends it.

The format is `docs/delivery.md`: records (the standard upload), interval values, or a message of a standard
that states all they state. Each test passes, fails, or does not apply; a delivery conforms where none fails.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.app.intake.examination import Examination, choose_importer, examine
from bilanz.app.intake.signature import is_signed
from bilanz.app.intake.statedsums import compare, stated_sums
from bilanz.app.intake.summary import plain
from bilanz.errors import FileRefused, Refused
from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.messages import Language, translate
from bilanz.periods import local_iso
from bilanz.store.archive import Taken, sha256_of
from importers.base import ImportRequest
from importers.formats.encoding import scan

FORMAT: Final = "bilanz-delivery-1.0"
_OWN: Final = frozenset({"standard", "interval_csv", "interval_workbook"})
_ASSUMED: Final = frozenset(
    {
        *("zone_assumed", "stamp_assumed", "direction_assumed", "activity_assumed", "quality_assumed"),
        *("period_assumed", "basis_missing", "encoding_assumed", "not_classified", "ambiguous_time"),
        *("delivery_not_consumption", "days_assumed", "unknown_status"),
    }
)
"""What an import can live with and a delivery must not leave open."""

_SHOWN: Final = 100
_ANYBODY: Final = "delivery"


@dataclass(frozen=True, slots=True)
class Test:
    """One test: passed, failed (False) or not applicable (None), and the sentence about it."""

    code: str
    passed: bool | None
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The conformity report of one delivery."""

    file: str
    sha256: str
    importer: str | None
    tests: tuple[Test, ...]
    examined: Examination | None
    language: Language

    @property
    def conforms(self) -> bool:
        """Whether no test failed."""
        return not any(test.passed is False for test in self.tests)

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs (schema: docs/delivery/report.schema.json)."""
        return {
            "format": FORMAT,
            "file": self.file,
            "sha256": self.sha256,
            "conforms": self.conforms,
            "importer": self.importer,
            "tests": [
                {"code": test.code, "passed": test.passed, "message": test.message} for test in self.tests
            ],
            **self._counts(),
        }

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        verdict = "{file} conforms to {format}." if self.conforms else "{file} does not conform to {format}."
        yield translate(verdict, self.language, file=self.file, format=FORMAT)
        marks = {True: "passed", False: "not passed", None: "not applicable"}
        for test in self.tests:
            yield f"  [{translate(marks[test.passed], self.language)}] {test.message}"
        for issue in self._counts().get("issues", [])[:20]:
            yield f"    {issue['message']}"

    def _counts(self) -> dict[str, Any]:
        found = self.examined
        if found is None:
            return {}
        start, end = (local_iso("UTC", at) for at in found.period) if found.period else (None, None)
        return {
            "read": found.result.read,
            "accepted": found.accepted,
            "rejected": found.rejected,
            "ignored": found.result.ignored,
            "totals": [{**row, "quantity": plain(row["quantity"])} for row in found.totals.to_dicts()],
            "period": {"start": start, "end": end},
            "issues": [*self._issues(found)],
        }

    def _issues(self, found: Examination) -> Iterator[dict[str, Any]]:
        import json

        told = found.issues.filter(
            (pl.col("severity") != Severity.INFO.value) | pl.col("code").is_in(list(_ASSUMED))
        )
        for row in told.head(_SHOWN).iter_rows(named=True):
            issue = Issue(
                row["code"], row["source_row"], row["column"], row["value"], json.loads(row["parameters"])
            )
            yield {
                "row": issue.row,
                "column": issue.column,
                "code": issue.code,
                "message": text(issue, self.language, file=self.file),
            }


def check(
    path: Path,
    *,
    language: Language,
    signature: Path | None = None,
    key: Path | None = None,
) -> Report:
    """Test a delivery.

    Args:
        path: the file.
        language: of the sentences.
        signature: the detached signature; None: `<file>.sig` where a key is given.
        key: public key of the sender (PEM, Ed25519); None: the signature is not tested.

    Raises:
        UsageError: the key is none.
        FileRefused: the file is empty.
    """
    sha256 = sha256_of(path)
    try:
        importer = choose_importer(path, language=language)
        with tempfile.TemporaryDirectory(prefix="bilanz-") as directory:
            found = examine(
                Taken(path, sha256),
                request=ImportRequest(),
                directory=Path(directory),
                organisation=_ANYBODY,
                importer=importer.name,
                language=language,
            )
    except Refused as refused:
        told = translate(refused.template, language, **refused.parameters)
        tests = (Test("form", passed=False, message=told), *_signed(path, signature, key, language))
        return Report(path.name, sha256, None, tests, None, language)
    tests = (
        *_tests(path, found, language),
        *_signed(path, signature, key, language),
    )
    return Report(path.name, sha256, importer.name, tests, found, language)


def _tests(path: Path, found: Examination, language: Language) -> Iterator[Test]:
    """Yield the tests of a file that could be read."""
    say = _Say(language)
    name = found.importer.name
    own = name in _OWN
    form = "The form is known: {importer}." if own else "The form is the standard message {importer}."
    yield say("form", True, form, importer=name)
    if own:
        yield _encoding(path, say)
    yield say(
        "records",
        found.rejected == 0 and found.accepted > 0,
        "{accepted} of {read} records can be taken, {rejected} cannot.",
        accepted=found.accepted,
        read=found.result.read,
        rejected=found.rejected,
    )
    # days and times of records are those of the place of consumption, as the format says
    open_ = _ASSUMED - {"zone_assumed"} if name == "standard" else _ASSUMED
    codes = sorted(set(found.issues["code"]) & open_)
    yield say("complete", not codes, "Nothing has to be assumed." if not codes else
              "The delivery leaves open what it must state: {codes}.", codes=", ".join(codes))  # fmt: skip
    names = set(found.activities["source"].drop_nulls()) | set(found.series["source"].drop_nulls())
    bare = {source for source in names if source.startswith(f"{_ANYBODY}:")}
    yield say("sources", bool(names) and not bare, "Every record names its meter, vehicle or contract."
              if names and not bare else "Some records name no meter, vehicle or contract.")  # fmt: skip
    stated = stated_sums(path)
    if not stated.is_stated:
        applies = False if own else None
        yield say("control_sums", applies, "The delivery states no control sums.")
        return
    wrong = compare(stated, found.totals, found.result.read)
    same = "The control sums are those of the content."
    other = "The control sums are not those of the content."
    yield say("control_sums", not wrong, other if wrong else same)


def _encoding(path: Path, say: "_Say") -> Test:
    """Test for UTF-8; a workbook states its own encoding."""
    try:
        is_utf8 = scan(path).name == "utf-8"
    except FileRefused:
        return say("encoding", None, "A workbook states its own encoding.")
    return say("encoding", is_utf8, "The text is UTF-8." if is_utf8 else "The text is not UTF-8.")


def _signed(path: Path, signature: Path | None, key: Path | None, language: Language) -> Sequence[Test]:
    say = _Say(language)
    if key is None:
        return (say("signature", None, "The signature was not tested: no key was given."),)
    file = signature or path.with_name(path.name + ".sig")
    good, bad = "The signature is that of the key.", "The signature is missing or not that of the key."
    found = is_signed(path, file, key)
    return (say("signature", found, good if found else bad),)


@dataclass(frozen=True, slots=True)
class _Say:
    """Makes tests in a language."""

    language: Language

    def __call__(self, code: str, passed: bool | None, template: str, /, **told: object) -> Test:  # noqa: FBT001
        return Test(code, passed, translate(template, self.language, **told))
