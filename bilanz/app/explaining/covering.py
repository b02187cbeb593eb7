"""What `bilanz explain` says of certificates, contracts and labels: which part they cover, and which not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bilanz.allocation import IDENTITY, PLAIN, Allocation, plain, views
from bilanz.app.explaining.amounts import exact
from bilanz.books import Book
from bilanz.messages import Language, translate
from bilanz.sentences import Remark, say
from bilanz.store.connection import Store
from reports import names

_PARTS: Final = f"""
SELECT instrument, kind, contract, amount AS quantity FROM engine_part
WHERE "view" = ? AND {" AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in IDENTITY)}
ORDER BY rowid
"""


@dataclass(frozen=True, slots=True)
class Covering:
    """The parts of slices in one book. `owners`: see `bilanz.decision.Key`."""

    store: Store
    book: Book
    allocation: Allocation
    owners: Mapping[str, str]

    def parts(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """Return a row of `engine_wide` in the parts the book sees; whole where no instrument covers it."""
        whole = row | {"owners": self.owners.get(row["organisation"], "")}
        return [whole | part for part in self._held(row)] or [whole | _WHOLE]

    def _held(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        view = views((self.book,))[self.book.id]
        if view == PLAIN:
            return []
        return self.store.frame(_PARTS, [view, *(row[name] for name in IDENTITY)]).to_dicts()

    def heading(self, part: dict[str, Any], row: dict[str, Any], language: Language) -> list[str]:
        """Return the sentence that says which part is meant; none for a slice that is whole."""
        told = {
            "amount": exact(part["quantity"], language),
            "whole": exact(row["quantity"], language),
            "unit": row["unit"],
        }
        if part["instrument"]:
            kind = names.instrument(part["kind"], language)
            told |= {"kind": kind, "id": part["instrument"], "evidence": self._evidence(part["instrument"])}
            message = "{kind} {id} covers {amount} of {whole} {unit} [{evidence}]"
            return [translate(message, language, **told)]
        if part["quantity"] == row["quantity"]:
            return []
        return [translate("The rest: {amount} of {whole} {unit}", language, **told)]

    def _evidence(self, instrument: str) -> str:
        return next(use.cover.evidence for use in self.allocation.uses if use.cover.id == instrument)

    def losers(self, row: dict[str, Any]) -> Iterator[Remark]:
        """Yield the instruments that could have covered more of a row, and why they do not."""
        taken = {part["instrument"] for part in self._held(row)}
        for use in self.allocation.reaching(self.book, row):
            limit, is_alone = use.cover.limit, taken == {use.cover.id}
            if limit is not None and use.used == limit and not is_alone:
                said = say("exhausted", used=plain(use.used), limit=limit)
                yield Remark(use.cover.id, said)
            elif use.cover.id not in taken:
                yield Remark(use.cover.id, say("covers_nothing"))


_WHOLE: Final = {"instrument": "", "kind": "", "contract": ""}
