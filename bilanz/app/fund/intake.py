"""Effects of members' bundles → observations of the league's registry.

A bundle is taken only if everything in it verifies, by the key its member is known by. It may speak of that
member's projects only, and calls itself as the league calls it: what it says of others is named and left out.
Of several bundles of a member the one published last counts; what meters came to on a later day stays.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bilanz.app.fund import findings as fundfindings
from bilanz.app.fund import observations as fundobservations
from bilanz.app.league.balance import opened, verify_path
from bilanz.app.league.keys import pin
from bilanz.app.master.intake import MasterdataSummary
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.fund.project import FundFinding
from bilanz.league.bundle import Bundle
from bilanz.masterrow import FundRow
from bilanz.messages import translate
from bilanz.registry import fund
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.registry.organisations import organisations, path


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over.

    Attributes:
        taken: bundle → observations read of it.
        looked: bundle → assessments read of it: what meters came to, or why to nothing.
        left_out: bundle → projects it speaks of that are not its member's, or not known.
        first_seen: members whose key was not known before.
    """

    taken: Mapping[str, int]
    looked: Mapping[str, int]
    left_out: Mapping[str, tuple[str, ...]]
    first_seen: tuple[str, ...]
    summary: MasterdataSummary


def take_effects(settings: Settings, paths: Sequence[Path], *, reason: str | None = None) -> Taken:
    """Take over the effects members have published of their own projects.

    Args:
        settings: where the registry lies, and who takes them over.
        paths: bundles: folders or zips.
        reason: why, for the audit trail.

    Raises:
        UsageError: there is no data directory.
        Refused: a bundle does not verify, is signed with another key than its member's, or its member is
            called otherwise than its organisation.
    """
    if not registry_exists(settings.registry):
        raise UsageError('There is no data in "{path}": import master data first.', path=settings.data)
    told = dict(zip(map(str, paths), opened(paths), strict=True))  # names what was altered
    for one in paths:
        _check_sound(settings, one)
    bundles = dict(sorted(told.items(), key=lambda pair: pair[1].head.published_at))
    for name, bundle in bundles.items():
        _check_named(name, bundle)
    first_seen = pin(settings, [(one.member, one.fingerprint) for one in bundles.values()])
    with closing(open_registry(settings.registry)) as registry:
        own = {name: _projects_of(registry, one.head.member.organisation) for name, one in bundles.items()}
    found = {name: fundobservations.of_bundle(one, own[name], settings.lang) for name, one in bundles.items()}
    rows = {row.id: row for rows in found.values() for row in rows}
    looked = {name: _findings(one, own[name], settings) for name, one in bundles.items()}
    findings = {row.id: row for rows in looked.values() for row in rows}
    label = translate("effects of bundles", settings.lang)
    summary = fundobservations.save(
        settings, list(rows.values()), label, reason=reason, findings=list(findings.values())
    )
    left_out = {
        name: others
        for name, one in bundles.items()
        if (others := tuple(sorted(fundobservations.projects_in(one) - own[name])))
    }
    return Taken(_counts(found), _counts(looked), left_out, tuple(first_seen), summary)


def _counts(rows: Mapping[str, Sequence[FundRow]]) -> dict[str, int]:
    return {name: len(of) for name, of in rows.items()}


def _findings(bundle: Bundle, own: set[str], settings: Settings) -> list[FundFinding]:
    said = fundobservations.bundle_said(bundle, settings.lang)
    return fundfindings.of_bundle(bundle, own, said)


def _check_sound(settings: Settings, path: Path) -> None:
    found = verify_path(settings, path)
    if not found["is_good"]:
        raise Refused('"{path}" does not verify (bilanz verify). Nothing was taken over.', path=path)


def _check_named(name: str, bundle: Bundle) -> None:
    """Refuse a member that calls itself otherwise than the organisation whose projects it would speak of."""
    member = bundle.head.member
    if member.id != member.organisation:
        message = '"{path}": the member "{member}" speaks for "{organisation}". Nothing was taken over.'
        raise Refused(message, path=name, member=member.id, organisation=member.organisation)


def _projects_of(registry: Registry, member: str) -> set[str]:
    """Return the projects a member, or an organisation below it, carries out."""
    units = organisations(registry)
    return {
        project.id
        for project in fund.projects(registry)
        if project.organisation in units and member in path(project.organisation, units).split("/")
    }
