"""Which factor counts for which quantity: one decision per distinct key and book, with everything that lost.

    key ──► family of the book ──► its sources in order ──► statements of the activity, then of the wider one
        ──► region chain ──► validity ──► chain part ──► unit and basis ──► the first by rule, or a code

A decision never guesses. Without a factor it carries a code; where no rule tells two statements apart, the
catalogue is at fault and that is raised.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Final

from bilanz.activity import Activity, activities
from bilanz.assumptions import of_decision
from bilanz.books import CUSTOM, Book, Family, SourceRule
from bilanz.conversion import Conversion, Converter, Misfit, Share
from bilanz.decision import Decision, Hit, Key, Tried
from bilanz.errors import CatalogueError
from bilanz.factor import UNSTATED, Chain, Delivery, Evidence, Grade
from bilanz.instrument import INSTRUMENT_KINDS
from bilanz.sentences import Remark, Sentence, say
from bilanz.statements import SUBSTANCES, Span, Statement, Statements
from bilanz.units import dimension
from bilanz.valuation import Booked, Priced, Valuer, is_money

WORLD: Final = "World"
_NEAREST: Final = 3
_AHEAD: Final = 1_000
_PLACED: Final = 5
"""Leading parts of an order: rule, activity or wider one, owner, region, time."""

_OWN: Final = frozenset({*INSTRUMENT_KINDS, CUSTOM})
_COMBUSTION: Final = frozenset({"CH4", "N2O"})
_OF_SUBSTANCE: Final = frozenset({Chain.DIRECT, Chain.BIOGENIC})
"""What burning a fuel sets free; its supply chain is no property of it."""

_SEVERITY: Final = {grade: index for index, grade in enumerate(Grade)}
_EU27: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list of codes, read at a glance
)  # members since 1 February 2020


@dataclass(slots=True)
class _Search:
    """Hits and losers of one look-up."""

    hits: list[Hit] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    lacks_group: bool = False
    """A source states the activity by product group or substance, and the key names none."""

    def best(self) -> Hit | None:
        """Return the first hit by rule; the others become losers.

        Raises:
            CatalogueError: two statements that no rule tells apart.
        """
        ranked = sorted(self.hits, key=lambda hit: (hit.order, hit.statement.id))
        if len(ranked) > 1 and ranked[0].order == ranked[1].order:
            message = "Two factors fit {activity} alike and no rule decides: {first}, {second}."
            first, second = ranked[0].statement, ranked[1].statement
            raise CatalogueError(message, activity=first.activity, first=first.id, second=second.id)
        outranked = say("outranked")
        later = [Tried(hit.statement.id, outranked, abs(hit.age)) for hit in ranked[1:]]
        self.tried = [*later, *self.tried]
        return ranked[0] if ranked else None

    def rivals(self, hit: Hit) -> tuple[Hit, ...]:
        """Return own factors of other files that say something about the same place and time as an own one.

        The name of a file is no rule: which of them counts is for their owner to say.
        """
        if hit.rule.source != CUSTOM:
            return ()
        same = [one for one in self.hits if one.order[:_PLACED] == hit.order[:_PLACED]]
        others = [one for one in same if one.statement.edition != hit.statement.edition]
        return tuple(sorted(others, key=lambda one: one.statement.id))


@cache
def regions_of(region: str, wider: tuple[str, ...]) -> tuple[str, ...]:
    """Return the regions tried in order: `DE-BB` → DE-BB, DE, then what the book adds for members."""
    country = region.split("-", maxsplit=1)[0]
    chain = [region, country] if country != region else [region]
    chain += [name for name in wider if name != "EU27" or country in _EU27]
    return tuple(dict.fromkeys(chain))


class Matcher:
    """Decisions of one book over one catalogue."""

    def __init__(
        self, book: Book, statements: Statements, converter: Converter, valuer: Valuer | None = None
    ) -> None:
        """Keep the tables; decisions are cached by what decides about them. No valuer: no index is known."""
        self.book = book
        self._statements = statements
        self._converter = converter
        self._valuer = valuer or Valuer()
        self._cached = cache(self._decide)
        self._regions = cache(self._chain_of_regions)

    def decide(self, key: Key) -> Decision:
        """Return the decision of a key. Months between which no validity ends share one."""
        return self._cached(self._settled(key))

    def _settled(self, key: Key) -> Key:
        """Return a key in the words of the catalogue, without what decides nothing."""
        group = key.product_group
        if key.activity in SUBSTANCES:
            group = self._statements.substance(group)
        area = key.area if self._converter.knows(key.activity, key.area) else ""
        return replace(key, product_group=group, on=self._statements.anchor(key.on), area=area)

    def losers(self, key: Key) -> tuple[Tried, ...]:
        """Return what did not win and why: the outranked first, then those nearest in time by source."""
        family = self.book.family(key.activity)
        if family is None:
            return ()
        span = Span(key.on.year, key.on.year, _NEAREST, is_whole=True)
        search = self._search(self._settled(key), family, family.sources, Chain(family.chain), span=span)
        search.best()
        return tuple(search.tried)

    def _decide(self, key: Key) -> Decision:
        family = self.book.family(key.activity)
        if family is None:
            return Decision(key, None, code="no_source", detail=(Remark("", say("no_source")),))
        search = self._search(key, family, family.sources, Chain(family.chain))
        hit = search.best()
        if hit is None:
            span = Span(key.on.year, key.on.year, _NEAREST)
            search = self._search(key, family, family.sources, Chain(family.chain), span=span)
            code, detail = _why(search, key)
            return Decision(key, None, code=code, detail=detail)
        rivals = search.rivals(hit)
        if rivals:
            detail = tuple(Remark(one.statement.id, say("alike")) for one in (hit, *rivals))
            return Decision(key, None, code="own_factors_alike", detail=detail)
        entry = activities()[key.activity]
        if entry.biofuel is not None and hit.statement.activity == entry.parent:
            return self._mixed(key, entry, hit)
        gases = self._other_gases(key, family, hit)
        upstream = self._beside(key, family, hit, Chain.UPSTREAM)
        biogenic = self._beside(key, family, hit, Chain.BIOGENIC)
        losses = self._losses(key, family, hit)
        found = Decision(key, hit, gases, upstream, biogenic, losses)
        return replace(found, assumptions=tuple(of_decision(found, self.book, family)))

    def _mixed(self, key: Key, entry: Activity, fossil: Hit) -> Decision:
        """Return fossil and bio part of a pump fuel by its dated share; all fossil where none is known."""
        regions = regions_of(key.region, self.book.wider)
        share = self._converter.biofuel_share(key.activity, regions, key.on)
        part = self._decide(replace(key, activity=fossil.statement.activity or ""))
        shares = self._shares(key, entry, share, regions) if share is not None else None
        if share is None or shares is None:
            plain = replace(
                part.hit or fossil, grade=max(part.grade, Grade.PARENT, key=_SEVERITY.__getitem__)
            )
            code = "biofuel_share_unknown" if share is None else "biofuel_share_by_volume"
            told = (*part.assumptions, (code, key.activity, plain.statement.id))
            return replace(part, key=key, hit=plain, assumptions=told)
        bio = self._decide(replace(key, activity=entry.biofuel or ""))
        if bio.hit is None:
            return replace(bio, key=key)
        told = (*part.assumptions, *bio.assumptions, ("biofuel_share", key.activity, share.identifier))
        mixture = ((shares[0], part), (shares[1], bio))
        return replace(part, key=key, mixture=mixture, assumptions=told)

    def _shares(
        self, key: Key, entry: Activity, share: Share, regions: tuple[str, ...]
    ) -> tuple[Fraction, Fraction] | None:
        """Return fossil and bio share in the unit of the quantity: what litres of each weigh or hold."""
        amounts: list[Fraction] = []
        for code, part in ((entry.parent, 1 - share.value), (entry.biofuel, share.value)):
            basis = key.basis if dimension(key.unit) == "energy" else "none"
            found = self._converter.convert(code or "", "l", "none", key.unit, basis, regions, key.on)
            if isinstance(found, Misfit):
                return None
            amounts.append(part * found.ratio)
        return amounts[0] / sum(amounts), amounts[1] / sum(amounts)

    def _other_gases(self, key: Key, family: Family, hit: Hit) -> Hit | None:
        """Return CH4 and N2O of combustion from a declared source where the winner holds CO2 only."""
        if not family.gases or not hit.statement.is_co2_only(hit.chains):
            return None
        search = self._search(key, family, family.gases, Chain.DIRECT)
        search.hits = [found for found in search.hits if found.statement.states(_COMBUSTION)]
        found = search.best()
        return None if found is None else replace(found, chains=(Chain.DIRECT,), only=_COMBUSTION)

    def _losses(self, key: Key, family: Family, hit: Hit) -> Hit | None:
        """Return what is emitted for grid losses, where the winner is per unit generated."""
        if hit.statement.delivery != Delivery.GENERATED:
            return None
        rules = tuple(rule for rule in family.losses if rule.source == hit.statement.source)
        for chain in dict.fromkeys((Chain(family.chain), Chain.TOTAL, Chain.DIRECT)):
            found = self._search(key, family, rules, chain, delivery=Delivery.LOSSES).best()
            if found is not None:
                return found
        return None

    def _beside(self, key: Key, family: Family, hit: Hit, chain: Chain) -> Hit | None:
        """Return a further statement for a part the winner does not hold, where one may be added."""
        if chain in hit.chains or (Chain.TOTAL in hit.chains and chain is Chain.UPSTREAM):
            return None
        rules = family.sources if chain is Chain.BIOGENIC else family.upstream
        if chain is Chain.UPSTREAM and family.chain != Chain.DIRECT.value:
            return None
        return self._search(key, family, rules, chain).best()

    def _search(
        self,
        key: Key,
        family: Family,
        rules: tuple[SourceRule, ...],
        wanted: Chain,
        *,
        delivery: Delivery | None = None,
        span: Span | None = None,
    ) -> _Search:
        """Hold the statements of the book's sources against the key.

        `delivery` losses: those only. `span`: None: only statements the family of the book may take.
        """
        search, year = _Search(), key.on.year
        span = span or Span(year - family.older, year + family.earlier)
        is_part = wanted in (Chain.BIOGENIC, Chain.UPSTREAM)
        for index, rule in enumerate(rules):
            chain = wanted if is_part else rule.chain or wanted
            if not key.product_group and self._statements.has_groups(rule.source, key.activity):
                search.lacks_group = True
            regions = self._regions(key.region, rule)
            for statement, depth in self._candidates(key, family, rule, regions, span):
                is_loss = statement.delivery == Delivery.LOSSES
                if is_loss != (delivery == Delivery.LOSSES) or (is_part and wanted not in statement.amounts):
                    continue
                outcome = self._fit(key, family, rule, statement, chain, (index, depth), regions)
                if isinstance(outcome, Hit):
                    search.hits.append(outcome)
                    continue
                if isinstance(outcome, Misfit):
                    search.misfits.append(outcome)
                    outcome = outcome.detail
                search.tried.append(Tried(statement.id, outcome, abs(statement.age(key.on))))
        return search

    def _chain_of_regions(self, region: str, rule: SourceRule) -> tuple[str, ...]:
        """Return the regions a source may speak for, the narrowest first."""
        everywhere = (WORLD,) if rule.is_universal else ()
        return (*regions_of(region, self.book.wider), *rule.regions, *everywhere)

    def _candidates(
        self, key: Key, family: Family, rule: SourceRule, regions: tuple[str, ...], span: Span
    ) -> Iterator[tuple[Statement, int]]:
        """Yield the statements of a source rule about the activity, then about the wider one."""
        is_asked = not rule.only or key.activity in rule.only
        if not is_asked or key.region.split("-", maxsplit=1)[0] in rule.without:
            return
        if rule.source in INSTRUMENT_KINDS:
            named = self._statements.by_id(key.contract) if rule.source == key.kind else None
            if named is not None:
                yield named, 0
            return
        codes = [key.activity]
        parent = activities()[key.activity].parent
        if parent and family.parent:
            codes.append(parent)
        for depth, code in enumerate(codes):
            for statement in self._statements.about(rule.source, code, key.product_group, regions, span):
                if rule.factor is None or statement.id.startswith(rule.factor):
                    yield statement, depth

    def _fit(
        self,
        key: Key,
        family: Family,
        rule: SourceRule,
        statement: Statement,
        wanted: Chain,
        order: tuple[int, int],
        regions: tuple[str, ...],
    ) -> Hit | Misfit | Sentence:
        """Return the hit, a misfit of units, or the sentence why the statement does not fit."""
        age = statement.age(key.on)
        earlier = 0 if rule.source in _OWN else family.earlier
        chains = statement.parts(wanted)
        if age < 0 and earlier:
            chains = tuple(chain for chain in chains if chain in _OF_SUBSTANCE)
        refusal = _mistimed(family, statement, chains, age, earlier)
        is_named = rule.source in INSTRUMENT_KINDS
        if refusal and not (is_named and age == 0 and chains):
            return refusal
        if statement.method in self.book.refused_methods:
            return say("method_refused", method=statement.method)
        owners = key.owners.split("/")
        if not is_named and statement.organisation is not None and statement.organisation not in owners:
            return say("other_owner")
        basis = self.book.unstated_basis if statement.basis == UNSTATED else statement.basis
        conversion = self._conversion(key, statement, basis, regions)
        if isinstance(conversion, Misfit):
            return conversion
        place = regions.index(statement.region) if statement.region in regions else 0
        rank = (
            *order,
            owners.index(statement.organisation) if statement.organisation in owners else len(owners),
            place,
            age if age >= 0 else _AHEAD - age,
            0 if statement.is_complete(chains) else 1,
            -statement.edition_rank,
            0 if statement.product_group else 1,
            len(conversion.properties),
            0 if statement.per_unit == key.unit else 1,
            0 if statement.basis != UNSTATED else 1,
            statement.unit_rank,
        )
        grade = _grade(family, rule, statement, place=place, home=_home(key.region), age=age, depth=order[1])
        return Hit(statement, chains, grade, conversion, rule, rank, basis, age)

    def _conversion(
        self, key: Key, statement: Statement, basis: str, regions: tuple[str, ...]
    ) -> Conversion | Misfit:
        """Return the way to the unit of the factor: of money by indices, else by properties."""
        if is_money(key.unit) and is_money(statement.per_unit):
            return _valued(self._valuer, key, statement)
        return self._converter.convert(
            key.activity, key.unit, key.basis, statement.per_unit, basis, regions, key.on, key.area
        )


def _valued(valuer: Valuer, key: Key, statement: Statement) -> Conversion | Misfit:
    """Return the way from money as booked to the money of a factor."""
    booked = Booked(key.unit, key.vat, key.product_group, regions_of(key.region, ()), key.on)
    prices = (statement.price_year, statement.price_basis)
    return valuer.value(
        booked, Priced(statement.id, statement.per_unit, *prices, regions_of(statement.region, ()))
    )


def _home(region: str) -> int:
    """Return how many regions of the chain are the activity's own: region and country."""
    return len(regions_of(region, ()))


def _mistimed(
    family: Family, statement: Statement, chains: tuple[Chain, ...], age: int, earlier: int
) -> Sentence | None:
    """Return why a statement lies too far from the activity or lacks the chain part, or None."""
    if age < 0 and (-age > earlier or not chains):
        code = "too_far_ahead" if earlier and chains else "too_new"
        return say(code, valid_from=statement.valid_from, allowed=earlier)
    if not chains:
        return say("other_chain", chains=" ".join(sorted(statement.chains)))
    if age > family.older:
        return say("too_old", years=age, allowed=family.older)
    return None


def _grade(
    family: Family, rule: SourceRule, statement: Statement, *, place: int, home: int, age: int, depth: int
) -> Grade:
    """Return the worst of what source, region, age and wider activity are worth.

    A country factor for one of its regions is what was published for it: no downgrade.
    """
    grades = [rule.grade]
    if rule.source not in INSTRUMENT_KINDS and statement.evidence == Evidence.CUSTOM:
        grades.append(Grade.CUSTOM)
    if place >= home and not rule.is_universal:
        grades.append(Grade.PROXY if statement.region in rule.regions else Grade.WIDER_REGION)
    if age > 0 and not family.is_physical:
        grades.append(Grade.OLDER_EDITION)
    if depth > 0:
        grades.append(Grade.PARENT)
    return max(grades, key=_SEVERITY.__getitem__)


def _why(search: _Search, key: Key) -> tuple[str, tuple[Remark, ...]]:
    """Return code and detail of a key without a factor: a misfit of units says more than an absence."""
    for misfit in search.misfits:
        return misfit.code, (Remark("", misfit.detail),)
    if search.lacks_group and key.activity in SUBSTANCES:
        return "substance_missing", (Remark("", say("substance_needed")),)
    if search.lacks_group:
        return "group_missing", (Remark("", say("group_needed")),)
    nearest = sorted(search.tried, key=lambda lost: lost.years)[:_NEAREST]
    return "no_factor", tuple(nearest) or (Remark("", say("nothing_near")),)
