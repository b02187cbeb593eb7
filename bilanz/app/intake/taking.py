"""One file on its way into the store: who hands it in and on what terms, read, kept, committed.

open_intake ──► examine (no database) ──► archive ──► hold the store ──► reconcile ──► registry: committing
──► store: commit ──► registry: committed
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import polars as pl

from bilanz.app.intake.examination import Examination, examine
from bilanz.app.intake.foreign import Others, set_apart
from bilanz.app.intake.newsources import register_sources
from bilanz.app.intake.profiles import recognise
from bilanz.app.intake.summary import ImportSummary
from bilanz.app.settings import Settings
from bilanz.app.upkeep import settle
from bilanz.batch import BatchState, ImportBatch
from bilanz.errors import BilanzError, Refused
from bilanz.registry import batches as registry_batches
from bilanz.registry.engine import Registry
from bilanz.store.archive import Taking, keep, take
from bilanz.store.commit import Agree, Delivery, already_imported, commit, refuse_known, rehearse
from bilanz.store.connection import open_store
from bilanz.store.overlaps import Choice, Rule, resolutions_of
from bilanz.trail import Deed
from importers.base import ImportRequest
from importers.mapped import Mapped
from importers.profiles.profile import MappingProfile

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller of an import states.

    Attributes:
        organisation: to whom rows belong that name no organisation; must be registered (not for a dry run).
        request: what is stated beside the file; a registered source lends its activity, unit and basis.
        importer: name of the importer; None: the one that claims the file.
        on_overlap: first, replace or both.
        reason: why both count.
        dry_run: store nothing; needs no data directory.
        within: organisations whose data may be handed in: rows of others and of their sources are rejected,
            and what they handed in stays; None: all.
        file: what the file is called; None: its own name.
    """

    organisation: str
    request: ImportRequest
    importer: str | None = None
    on_overlap: str = "first"
    reason: str | None = None
    dry_run: bool = False
    within: frozenset[str] | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """The open registry and the terms of one hand-in.

    Attributes:
        request: the terms' request with what registered source, organisation and settings lend.
        names: organisations by id that rows may name; None: nothing is known, every name is taken.
        others: whose sources are rejected; None: nobody's.
        profiles: saved mapping profiles.
        directory: where bulky things may lie; below the data directory, to be renamed into place.
    """

    settings: Settings
    terms: Terms
    rule: Rule
    registry: Registry | None
    request: ImportRequest
    names: dict[str, str] | None
    directory: Path
    profiles: tuple[MappingProfile, ...] = ()
    others: Others | None = None

    def called(self, path: Path) -> str:
        """Return what a file is called."""
        return self.terms.file or path.name

    def take(self, path: Path) -> Taking:
        """Return the file as it is read, for a commit a copy of our own; it is hashed while it is read."""
        if self.terms.dry_run or self.registry is None:
            return Taking(path, is_copy=False)
        return take(path, self.directory / "upload" / uuid4().hex[:8])

    def examine(self, taken: Taking, progress: Progress, name: str | None = None) -> Examination:
        """Read a file; nothing is stored. Known bytes are refused as soon as the hash is there.

        Args:
            taken: the file.
            progress: called with the share done.
            name: what messages call the file; None: as the terms do.

        Raises:
            FileRefused: the file cannot be taken as a whole.
            AlreadyImported: the same bytes are committed already, whatever else is to be said about them.
        """
        called = name or self.called(taken.path)
        is_checked = self.terms.dry_run or self.registry is None

        def check() -> None:
            nonlocal is_checked
            if not is_checked:
                self._refuse_known(taken, called)
                is_checked = True

        def went_on(share: float) -> None:
            if taken.is_hashed:
                check()
            progress(share)

        try:
            found = self._examine(taken, went_on)
        except BilanzError:
            check()
            raise
        check()
        return replace(found, file=called)

    def _refuse_known(self, taken: Taking, name: str) -> None:
        first = registry_batches.committed_with(self.registry, taken.sha256) if self.registry else None
        if first is not None:
            raise already_imported(name, first.id, first.file, f"{first.uploaded_at:%Y-%m-%d}")

    def _examine(self, taken: Taking, progress: Progress) -> Examination:
        directory = self.directory / "work" / uuid4().hex[:8]
        directory.mkdir(parents=True)
        request, importer = self._mapped(taken)
        return examine(
            taken,
            request=request,
            directory=directory,
            organisation=self.terms.organisation,
            importer=importer,
            organisations=self.names,
            others=self.others,
            language=self.settings.lang,
            progress=progress,
        )

    def _mapped(self, taken: Taking) -> tuple[ImportRequest, str | None]:
        """Return request and importer; a profile named or recognised goes before who claims the file."""
        if self.request.profile is not None:
            return self.request, Mapped.name
        if self.terms.importer is not None:
            return self.request, self.terms.importer
        profile = recognise(taken.path, self.profiles)
        return (
            (self.request, None) if profile is None else (replace(self.request, profile=profile), Mapped.name)
        )

    def finish(self, taken: Taking, examined: Examination, agree: Agree | None = None) -> ImportSummary:
        """Archive the bytes and commit what was read, unless it is a dry run; return what is to be said.

        A file of which no row was accepted is no batch: it can be corrected, or read with a declaration.

        Args:
            taken: the file.
            examined: what was read of it.
            agree: is shown the overlaps; where it raises, nothing is stored.

        Raises:
            StoreBusy: another process holds the store.
        """
        if self.terms.dry_run or self.registry is None or examined.accepted == 0:
            return self._summary(examined, examined.issues)
        return self._store(taken, examined, self.registry, agree)

    def rehearse(self, examined: Examination) -> tuple[ImportSummary, pl.DataFrame]:
        """Return what a commit would say and the overlaps it would find; nothing is stored.

        Raises:
            AlreadyImported: the same bytes are committed already.
            Refused: it would take the place of what others handed in.
            StoreBusy: another process holds the store.
        """
        if self.registry is None or examined.accepted == 0:
            return self._summary(examined, examined.issues), pl.DataFrame()
        choice = self._choice(examined)
        with open_store(self.settings.store_file, wait=self.settings.wait) as store:
            settle(self.registry, store)
            _, shown = self._register(self.registry, examined, is_rehearsal=True)
            done = rehearse(store, self._delivery(examined, _batch(examined, choice)), choice)
        self._agree(None)(done.overlaps)
        issues = pl.concat([examined.issues, shown, done.issues])
        return self._summary(examined, issues, coverage=done.coverage), done.overlaps

    def _store(
        self, taken: Taking, examined: Examination, registry: Registry, agree: Agree | None
    ) -> ImportSummary:
        """Commit; nothing stays where that fails."""
        settings, choice = self.settings, self._choice(examined)
        keep(taken, settings.data)
        batch = _batch(examined, choice)
        with open_store(settings.store_file, wait=settings.wait) as store:
            settle(registry, store)
            refuse_known(store, examined.sha256, examined.file)
            self._refuse_others(examined)
            every, shown = self._register(registry, examined)
            delivery = self._delivery(examined, batch)
            delivery = replace(delivery, issues=pl.concat([examined.issues, every]))
            registry_batches.put_batch(registry, _entry(delivery, choice))
            try:
                done = commit(store, delivery, choice, self._agree(agree))
            except BaseException:
                registry_batches.remove(registry, batch)
                raise
            gave_way = resolutions_of(store, done.batch_key)
            deed = _deed(delivery, choice, gave_way)
            registry_batches.set_state(registry, batch, BatchState.COMMITTED, deed)
        return self._summary(examined, pl.concat([examined.issues, shown, done.issues]), batch, done.coverage)

    def _register(
        self, registry: Registry, examined: Examination, *, is_rehearsal: bool = False
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        within = self.terms.within
        return register_sources(
            registry, examined.activities, examined.series, within=within, is_rehearsal=is_rehearsal
        )

    def _refuse_others(self, examined: Examination) -> None:
        """Refuse what has become somebody else's since it was read.

        Raises:
            Refused: it has.
        """
        if set_apart(self.others, examined.activities, examined.series, examined.measured).count:
            message = (
                "{file}: a source has become that of another organisation meanwhile. Read the file again."
            )
            raise Refused(message, code="source_of_others", file=examined.file)

    def _agree(self, agree: Agree | None) -> Agree:
        """Return who agrees to overlaps: nobody replaces or doubles what others handed in."""

        def agreed(overlaps: pl.DataFrame) -> None:
            if self.terms.within is not None:
                is_ours = pl.col("organisation").is_in(list(self.terms.within))
                taken = overlaps.filter(~is_ours.fill_null(value=False))
                if not taken.filter((pl.col("rule") == "both") | ~pl.col("new_loses")).is_empty():
                    message = (
                        "What is held of {source} was handed in for another organisation. It can neither be "
                        "replaced nor counted twice. Nothing was imported."
                    )
                    raise Refused(message, code="overlap_of_others", source=taken["source"][0])
            if agree is not None:
                agree(overlaps)

        return agreed

    def _choice(self, examined: Examination) -> Choice:
        at = datetime.now(UTC).replace(tzinfo=None)
        is_latest = examined.result.latest_delivery
        return Choice(self.rule, self.terms.reason, self.settings.user, at, is_latest_delivery=is_latest)

    def _zone(self, examined: Examination) -> str:
        """Return the zone in which times are shown."""
        zones = examined.series["zone"].drop_nulls().unique().sort()
        return self.request.zone or (zones[0] if zones.len() == 1 else self.settings.zone)

    def _summary(
        self,
        examined: Examination,
        issues: pl.DataFrame,
        batch: str | None = None,
        coverage: pl.DataFrame | None = None,
    ) -> ImportSummary:
        known = {} if coverage is None else {"coverage": coverage}
        return ImportSummary(
            file=examined.file,
            importer=examined.importer.name,
            sha256=examined.sha256,
            read=examined.result.read,
            accepted=examined.accepted,
            rejected=examined.rejected,
            ignored=examined.result.ignored,
            issues=issues,
            totals=examined.totals,
            period=examined.period,
            zone=self._zone(examined),
            language=self.settings.lang,
            batch=batch,
            rejects=examined.result.rejects,
            **known,
        )

    def _delivery(self, examined: Examination, batch: str) -> Delivery:
        return Delivery(
            batch=batch,
            sha256=examined.sha256,
            file=examined.file,
            importer=examined.importer.name,
            importer_version=examined.importer.version,
            organisation=self.terms.organisation,
            zone=self._zone(examined),
            n_read=examined.result.read,
            n_accepted=examined.accepted,
            n_rejected=examined.rejected,
            n_ignored=examined.result.ignored,
            activities=examined.activities,
            series=examined.series,
            readings=examined.result.readings,
            measured=examined.measured,
            issues=examined.issues,
            controls=examined.controls,
            delivered=examined.result.delivered,
        )


def _batch(examined: Examination, choice: Choice) -> str:
    """Return a name for a batch that nobody has."""
    return f"{choice.at:%Y%m%dT%H%M%S}-{examined.sha256[:8]}-{uuid4().hex[:4]}"


def _deed(delivery: Delivery, choice: Choice, gave_way: Sequence[Mapping[str, str | int]]) -> Deed:
    """Return the entry of the trail; `gave_way`: what counts instead of what, the original being kept."""
    return Deed(
        choice.by,
        "import.commit",
        delivery.batch,
        choice.reason,
        {
            "file": delivery.file,
            "sha256": delivery.sha256,
            "importer": f"{delivery.importer} {delivery.importer_version}",
            "organisation": delivery.organisation,
            "accepted": delivery.n_accepted,
            "rejected": delivery.n_rejected,
            "ignored": delivery.n_ignored,
            "on_overlap": choice.rule,
            "gave_way": list(gave_way),
        },
    )


def _entry(delivery: Delivery, choice: Choice) -> ImportBatch:
    sums = [
        dict(zip(("measure", "column", "unit"), control.key, strict=True))
        | {"total": str(control.total), "records": control.records}
        for control in delivery.controls
    ]
    return ImportBatch(
        id=delivery.batch,
        sha256=delivery.sha256,
        file=delivery.file,
        importer=delivery.importer,
        importer_version=delivery.importer_version,
        organisation=delivery.organisation,
        uploaded_by=choice.by,
        uploaded_at=choice.at.replace(tzinfo=UTC),
        state=BatchState.COMMITTING.value,
        n_read=delivery.n_read,
        n_accepted=delivery.n_accepted,
        n_rejected=delivery.n_rejected,
        n_ignored=delivery.n_ignored,
        control_sums=sums,
    )
