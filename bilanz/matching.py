"""Which factor counts for which quantity: one decision per distinct key and book, with everything that lost.

    key ──► family of the book ──► its sources in order ──► statements of the activity, then of the wider one
        ──► region chain ──► validity ──► chain part ──► unit and basis ──► the first by rule, or a code

A decision never guesses. Without a factor it carries a code; where no rule tells two statements apart, the
catalogue is at fault and that is raised.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Final

from bilanz.activity import Activity, activities
from bilanz.books import CUSTOM, Book, Family, SourceRule
from bilanz.conversion import Conversion, Converter, Misfit
from bilanz.errors import CatalogueError
from bilanz.factor import Chain, Delivery, Evidence, Grade
from bilanz.instrument import INSTRUMENT_KINDS
from bilanz.sentences import Remark, Sentence, say
from bilanz.statements import SUBSTANCES, Statement, Statements
from bilanz.units import dimension

UNSTATED: Final = "unstated"
WORLD: Final = "World"
_NEAREST: Final = 3
_AHEAD: Final = 1_000
_OWN: Final = frozenset({*INSTRUMENT_KINDS, CUSTOM})
_ELECTRICITY: Final = "electricity"
_COMBUSTION: Final = frozenset({"CH4", "N2O"})
_OF_SUBSTANCE: Final = frozenset({Chain.DIRECT, Chain.BIOGENIC})
"""What burning a fuel sets free; its supply chain is no property of it."""

_SEVERITY: Final = {grade: index for index, grade in enumerate(Grade)}
_EU27: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)  # members since 1 February 2020


@dataclass(frozen=True, slots=True)
class Key:
    """What decides about a factor.

    Attributes:
        on: first day of the month.
        contract: factor_id of the instrument that covers the quantity, or empty; `kind`: what it is.
        area: supply area of the grid, or empty.
        owners: organisations whose own factors may be taken, the nearest first, joined by "/".
    """

    activity: str
    product_group: str
    unit: str
    basis: str
    region: str
    on: date
    contract: str = ""
    area: str = ""
    kind: str = ""
    owners: str = ""


@dataclass(frozen=True, slots=True)
class Tried(Remark):
    """A statement that did not win, and why. `years`: how far its validity lies from the activity."""

    years: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that fits: what it is worth, and the way from the unit of the quantity to its own."""

    statement: Statement
    chains: tuple[Chain, ...]
    grade: Grade
    conversion: Conversion
    rule: SourceRule
    order: tuple[int, ...]
    basis_read: str
    age: int
    """Years since the end of its validity; negative: until the beginning."""
    only: frozenset[str] | None = None
    """The gases taken of it; None: all."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one key in one book.

    `hit` is the factor of the wanted chain; `gases` (CH4 and N2O of combustion), `upstream`, `biogenic` and
    `losses` (of the grid) are further statements beside it. A fuel as it leaves the pump is a `mixture`:
    shares by volume of two decisions. Without a hit, `code` says why: no_source, no_factor, group_missing,
    substance_missing, basis_missing, basis, unit_mismatch; `detail` names what came nearest.
    """

    key: Key
    hit: Hit | None
    gases: Hit | None = None
    upstream: Hit | None = None
    biogenic: Hit | None = None
    mixture: tuple[tuple[Fraction, "Decision"], ...] = ()
    code: str = ""
    detail: tuple[Remark, ...] = ()
    tried: tuple[Tried, ...] = ()
    assumptions: tuple[tuple[str, str, str], ...] = ()
    losses: Hit | None = None

    @property
    def grade(self) -> Grade:
        """Grade of the factor of the wanted chain."""
        return self.hit.grade if self.hit else Grade.NONE

    @property
    def portions(self) -> tuple[tuple[Fraction, "Decision"], ...]:
        """The decisions that make up a unit of the quantity, with their shares."""
        return self.mixture or ((Fraction(1), self),)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All statements taken, in the order of their lines."""
        return tuple(
            hit
            for hit in (self.hit, self.gases, self.upstream, self.biogenic, self.losses)
            if hit is not None
        )


@dataclass(slots=True)
class _Search:
    """Hits and losers of one look-up."""

    hits: list[Hit] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    lacks_group: bool = False
    """A source states the activity by product group or substance, and the key names none."""

    def best(self) -> Hit | None:
        """Return the first hit by rule; every other becomes a loser.

        Raises:
            CatalogueError: two statements that no rule tells apart.
        """
        ranked = sorted(self.hits, key=lambda hit: (hit.order, hit.statement.id))
        if len(ranked) > 1 and ranked[0].order == ranked[1].order:
            message = "Two factors fit {activity} alike and no rule decides: {first}, {second}."
            first, second = ranked[0].statement, ranked[1].statement
            raise CatalogueError(message, activity=first.activity, first=first.id, second=second.id)
        later = [Tried(hit.statement.id, say("outranked"), abs(hit.age)) for hit in ranked[1:]]
        self.tried = [*later, *self.tried]
        return ranked[0] if ranked else None


def regions_of(region: str, wider: tuple[str, ...]) -> tuple[str, ...]:
    """Return the regions tried in order: `DE-BB` → DE-BB, DE, then what the book adds for members."""
    country = region.split("-", maxsplit=1)[0]
    chain = [region, country] if country != region else [region]
    chain += [name for name in wider if name != "EU27" or country in _EU27]
    return tuple(dict.fromkeys(chain))


class Matcher:
    """Decisions of one book over one catalogue."""

    def __init__(self, book: Book, statements: Statements, converter: Converter) -> None:
        """Keep the tables; decisions are cached by what decides about them."""
        self.book = book
        self._statements = statements
        self._converter = converter
        self._cached = cache(self._decide)

    def decide(self, key: Key) -> Decision:
        """Return the decision of a key. Months between which no validity ends share one."""
        group = key.product_group
        if key.activity in SUBSTANCES:
            group = self._statements.substance(group)
        area = key.area if self._converter.knows(key.activity, key.area) else ""
        on = self._statements.anchor(key.on)
        return self._cached(replace(key, product_group=group, on=on, area=area))

    def _decide(self, key: Key) -> Decision:
        family = self.book.family(key.activity)
        if family is None:
            return Decision(key, None, code="no_source", detail=(Remark("", say("no_source")),))
        search = self._search(key, family, family.sources, Chain(family.chain))
        hit = search.best()
        tried = tuple(search.tried)
        if hit is None:
            code, detail = _why(search, key)
            return Decision(key, None, code=code, detail=detail, tried=tried)
        entry = activities()[key.activity]
        if entry.biofuel is not None and hit.statement.activity == entry.parent:
            return self._mixed(key, entry, hit, tried)
        gases = self._other_gases(key, family, hit)
        upstream = self._beside(key, family, hit, Chain.UPSTREAM)
        biogenic = self._beside(key, family, hit, Chain.BIOGENIC)
        losses = self._losses(key, family, hit)
        beside = _assumptions(key, family, hit, gases=gases, upstream=upstream, biogenic=biogenic)
        told = (*beside, *_of_method(key, self.book, hit), *_of_delivery(key, hit, losses))
        return Decision(key, hit, gases, upstream, biogenic, tried=tried, assumptions=told, losses=losses)

    def _mixed(self, key: Key, entry: Activity, fossil: Hit, tried: tuple[Tried, ...]) -> Decision:
        """Return fossil and bio part of a pump fuel by its dated share; all fossil where none is known."""
        regions = regions_of(key.region, self.book.wider)
        share = self._converter.biofuel_share(key.activity, regions, key.on)
        part = self._decide(replace(key, activity=fossil.statement.activity or ""))
        if share is None or dimension(key.unit) != "volume":
            plain = replace(
                part.hit or fossil, grade=max(part.grade, Grade.PARENT, key=_SEVERITY.__getitem__)
            )
            told = (*part.assumptions, ("biofuel_share_unknown", key.activity, plain.statement.id))
            return replace(part, key=key, hit=plain, tried=tried, assumptions=told)
        bio = self._decide(replace(key, activity=entry.biofuel or ""))
        if bio.hit is None:
            return replace(bio, key=key)
        told = (*part.assumptions, *bio.assumptions, ("biofuel_share", key.activity, share.identifier))
        mixture = ((1 - share.value, part), (share.value, bio))
        return replace(part, key=key, mixture=mixture, tried=tried, assumptions=told)

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
        delivery: Delivery | None = None,
    ) -> _Search:
        """Hold every statement of the book's sources against the key; `delivery` losses: those only."""
        search = _Search()
        for index, rule in enumerate(rules):
            chain = wanted if wanted in (Chain.BIOGENIC, Chain.UPSTREAM) else rule.chain or wanted
            if not key.product_group and self._statements.has_groups(rule.source, key.activity):
                search.lacks_group = True
            for statement, depth in self._candidates(key, family, rule):
                if (statement.delivery == Delivery.LOSSES) != (delivery == Delivery.LOSSES):
                    continue
                outcome = self._fit(key, family, rule, statement, chain, (index, depth))
                years = abs(statement.age(key.on))
                if isinstance(outcome, Hit):
                    search.hits.append(outcome)
                elif isinstance(outcome, Misfit):
                    search.misfits.append(outcome)
                    search.tried.append(Tried(statement.id, outcome.detail, years))
                else:
                    search.tried.append(Tried(statement.id, outcome, years))
        return search

    def _candidates(self, key: Key, family: Family, rule: SourceRule) -> Iterator[tuple[Statement, int]]:
        """Yield the statements of a source rule about the activity, then about the wider one."""
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
            for statement in self._statements.about(rule.source, code, key.product_group):
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
    ) -> Hit | Misfit | Sentence:
        """Return the hit, a misfit of units, or the sentence why the statement does not fit."""
        everywhere = (WORLD,) if rule.is_universal else ()
        regions = (*regions_of(key.region, self.book.wider), *rule.regions, *everywhere)
        age = statement.age(key.on)
        earlier = 0 if rule.source in _OWN else family.earlier
        chains = statement.parts(wanted)
        if age < 0 and earlier:
            chains = tuple(chain for chain in chains if chain in _OF_SUBSTANCE)
        refusal = _misplaced(statement, regions) or _mistimed(family, statement, chains, age, earlier)
        is_named = rule.source in INSTRUMENT_KINDS
        if refusal and not (is_named and age == 0 and chains):
            return refusal
        if statement.method in self.book.refused_methods:
            return say("method_refused", method=statement.method)
        owners = key.owners.split("/")
        if not is_named and statement.organisation is not None and statement.organisation not in owners:
            return say("other_owner")
        basis = self.book.unstated_basis if statement.basis == UNSTATED else statement.basis
        conversion = self._converter.convert(
            key.activity, key.unit, key.basis, statement.per_unit, basis, regions, key.on, key.area
        )
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


def _home(region: str) -> int:
    """Return how many regions of the chain are the activity's own: region and country."""
    return len(regions_of(region, ()))


def _misplaced(statement: Statement, regions: tuple[str, ...]) -> Sentence | None:
    """Return why a statement is about somewhere else, or None."""
    if statement.region not in regions:
        return say("elsewhere", region=statement.region)
    return None


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
    telling = [lost for lost in search.tried if lost.sentence.code != "elsewhere"]
    nearest = sorted(telling, key=lambda lost: lost.years)[:_NEAREST]
    return "no_factor", tuple(nearest) or (Remark("", say("nothing_near")),)


def _assumptions(
    key: Key, family: Family, hit: Hit, *, gases: Hit | None, upstream: Hit | None, biogenic: Hit | None
) -> Iterator[tuple[str, str, str]]:
    """Yield (code, subject, detail) of all the decision takes for granted."""
    for used in (hit, gases, upstream, biogenic):
        if used is not None:
            yield from _of_hit(key, used)
    if hit.statement.is_co2_only(hit.chains) and gases is None:
        yield "co2_only", key.activity, hit.statement.id
    is_whole = bool({Chain.UPSTREAM, Chain.TOTAL} & {*hit.chains})
    if family.chain == Chain.DIRECT.value and not is_whole and upstream is None:
        yield "no_upstream", key.activity, hit.statement.id
    if family.custom_makes is not None:
        own = (
            used
            for used in (hit, gases, upstream, biogenic)
            if used is not None and used.rule.source == CUSTOM
        )
        yield from (("custom_factor", key.activity, used.statement.id) for used in own)


def _of_delivery(key: Key, hit: Hit, losses: Hit | None) -> Iterator[tuple[str, str, str]]:
    """Yield whether losses of the grid are in a factor of electricity: added, missing or not known."""
    amounts = (amount for chain in hit.chains for amount in hit.statement.gases(chain))
    is_power = _ELECTRICITY in {key.activity, activities()[key.activity].parent}
    if not is_power or not any(amount.value for amount in amounts):
        return
    if losses is not None:
        yield "losses_added", key.activity, f"{hit.statement.id} + {losses.statement.id}"
    elif hit.statement.delivery == Delivery.GENERATED:
        yield "losses_not_in", key.activity, hit.statement.id
    elif hit.statement.delivery is None:
        yield "delivery_unstated", key.activity, hit.statement.id


def _of_method(key: Key, book: Book, hit: Hit) -> Iterator[tuple[str, str, str]]:
    """Yield where a factor of heat does not say how it was allocated, or not as the book prescribes."""
    method = hit.statement.method
    if method == UNSTATED:
        yield "method_unstated", key.activity, hit.statement.id
    elif method and book.heat and method != book.heat.method:
        yield "method_other", key.activity, hit.statement.id


def _of_hit(key: Key, hit: Hit) -> Iterator[tuple[str, str, str]]:
    """Yield what taking one statement assumes; details are identifiers and intervals, no words."""
    statement, properties = hit.statement, ", ".join(hit.conversion.properties)
    subject = statement.product_group or key.activity
    if hit.rule.code:
        yield hit.rule.code, subject, statement.id
    if hit.age:
        yield "outside_validity", subject, f"{statement.id} ({statement.valid}) → {key.on.year}"
    needs_basis = activities()[key.activity].needs_basis and dimension(statement.per_unit) == "energy"
    if statement.basis == UNSTATED and needs_basis:
        yield "basis_unstated", subject, f"{statement.id} → {hit.basis_read}"
    if hit.conversion.is_foreign:
        yield "foreign_property", subject, properties
    if hit.conversion.is_later:
        yield "later_property", subject, properties
    if hit.conversion.is_expired:
        yield "expired_property", subject, properties
    if hit.conversion.is_general:
        yield "general_gas_value", subject, properties
