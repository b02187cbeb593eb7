"""The closed vocabularies of the standard upload, German and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from bilanz.activity import folded
from bilanz.messages import Language
from bilanz.records import Basis, Direction, DocumentType, Quality, Role
from importers.upload.fields import transliterated


@dataclass(frozen=True, slots=True)
class Word:
    """One value of a vocabulary: its code, the word shown per language, and further spellings."""

    code: str
    en: str
    de: str
    also: tuple[str, ...] = ()

    def shown(self, language: Language) -> str:
        """Return the word as the template offers it."""
        return self.de if language == "de" else self.en


QUALITY: Final = (
    Word(Quality.MEASURED, "measured", "gemessen", ("abgelesen", "reading", "actual", "ist")),
    Word(
        Quality.BILLED, "billed", "abgerechnet", ("rechnung", "berechnet laut rechnung", "invoiced", "bill")
    ),
    Word(Quality.ESTIMATED, "estimated", "geschätzt", ("schätzung", "hochgerechnet", "estimate")),
    Word(Quality.SPEND, "spend", "Ausgabe", ("ausgaben",)),
)
DOCUMENT_TYPE: Final = (
    Word(
        DocumentType.INSTALMENT,
        "instalment",
        "Abschlag",
        ("abschlagsrechnung", "abschlagszahlung", "installment", "advance"),
    ),
    Word(
        DocumentType.FINAL,
        "final",
        "Schlussrechnung",
        ("jahresrechnung", "endabrechnung", "rechnung", "abrechnung", "final bill", "invoice"),
    ),
    Word(
        DocumentType.CORRECTION,
        "correction",
        "Korrektur",
        ("korrekturrechnung", "rechnungskorrektur", "storno", "corrected"),
    ),
    Word(DocumentType.CREDIT, "credit", "Gutschrift", ("credit note",)),
)
ROLE: Final = (
    Word(Role.CONSUMED, "consumed", "verbraucht", ("verbrauch", "bezug", "consumption")),
    Word(Role.DELIVERED, "delivered", "geliefert", ("lieferung", "delivery", "delivered to stock")),
    Word(Role.GENERATED, "generated", "erzeugt", ("erzeugung", "generation")),
    Word(Role.FED_IN, "fed in", "eingespeist", ("einspeisung", "fed_in", "feed-in")),
    Word(Role.SOLD, "sold", "verkauft", ("verkauf", "sale")),
    Word(Role.TENANT, "tenant", "an Mieter", ("mieter", "passed to a tenant", "weitergegeben an mieter")),
    Word(Role.SUB_METER, "sub-meter", "Unterzähler", ("sub_meter", "submeter", "unterzaehler")),
)
BASIS: Final = (
    Word(Basis.HI, "Hi", "Hi", ("hu", "heizwert", "lhv", "ncv", "net", "h i")),
    Word(Basis.HS, "Hs", "Hs", ("ho", "brennwert", "hhv", "gcv", "gross", "h s")),
    Word(Basis.NONE, "none", "ohne", ("entfällt", "keiner", "n/a")),
)
VOCABULARIES: Final[Mapping[str, tuple[Word, ...]]] = {
    "quality": QUALITY,
    "document_type": DOCUMENT_TYPE,
    "role": ROLE,
    "basis": BASIS,
}

DIRECTION_OF_ROLE: Final[Mapping[str, str]] = {
    Role.CONSUMED: Direction.CONSUMPTION,
    Role.DELIVERED: Direction.CONSUMPTION,
    Role.GENERATED: Direction.GENERATION,
    Role.FED_IN: Direction.FEED_IN,
    Role.SOLD: Direction.FEED_IN,  # it leaves the organisation, and never meets its consumption
    Role.TENANT: Direction.CONSUMPTION,
    Role.SUB_METER: Direction.CONSUMPTION,
}

TOTAL_PATTERN: Final = (
    r"(?i)^\s*(?:(?:zwischen|end|gesamt)?summen?|insgesamt|gesamt(?:ergebnis)?|(?:grand |sub)?totals?|sum)\b"
)
"""A row that begins so and has no start is a total, not a record."""

_SUM: Final = (
    r"(?:(?:zwischen|end|gesamt)?summen?|insgesamt|gesamt(?:ergebnis|verbrauch)?|(?:grand |sub)?totals?|sum)"
)
_WHOLE: Final = (
    r"(?:stadt|gemeinde|kommune|kreis|landkreis|verwaltung|stadtverwaltung|jahr|monate?|liegenschaften|"
    r"gebäude|linien|city|town|year|months?|buildings|lines)"
)
BARE_TOTAL: Final = (
    rf"(?i)^\W*(?:(?:alle |all )?(?:{_WHOLE} )?{_SUM}"
    rf"(?: (?:alle |all |der |of )*{_WHOLE})?(?: (?:19|20)\d\d)?"
    rf"|all(?:e|er)? {_WHOLE}|gesamtstadt)\W*$"
)
"""A name that says nothing but that the row is a total."""

ENDS_TOTAL: Final = rf"(?i)(?:^|\s){_SUM}\W*$"
"""A name that ends like that of a total of one group: "Schule gesamt"."""

EXAMPLE_NOTES: Final[Mapping[Language, str]] = {
    "de": "Beispiel – löschen",
    "en": "Example – delete",
}


@cache
def spellings(vocabulary: str) -> dict[str, str]:
    """Return folded spelling → code of one vocabulary."""
    return {
        folded(way): str(word.code)
        for word in VOCABULARIES[vocabulary]
        for spelling in (word.code, word.en, word.de, *word.also)
        for way in (spelling, transliterated(spelling))
    }


def find(vocabulary: str, spelling: str) -> str | None:
    """Return the code a spelling means in a vocabulary, or None."""
    return spellings(vocabulary).get(folded(spelling))


def offered(vocabulary: str, language: Language) -> list[str]:
    """Return the words the template offers."""
    return [word.shown(language) for word in VOCABULARIES[vocabulary]]
