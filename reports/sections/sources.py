from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Manifest, Result
from bilanz.sentences import worded
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import named, organisation_name


class Sources(Section):
    """Where every figure comes from."""

    name: ClassVar[str] = "sources"
    position: ClassVar[int] = 100

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Sources and method", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return files, factors, assumptions and the manifest."""
        language = wording.language
        found = [_files(result, language), _publications(result, language), _factors(result, wording)]
        found.append(_assumptions(result, wording))
        return [*(panel for panel in found if panel.table.height), _manifest(result, language)]


def _files(result: Result, language: Language) -> Panel:
    """Return the files behind the figures."""
    frame = named(
        result.batches.sort("committed_at", "batch"), "organisation", organisation_name(result, language)
    )
    when = pl.Series(
        "committed",
        [numbers.instant(text, language) for text in frame["committed_at"].to_list()],
        dtype=pl.String,
    )
    counts = frame.select(pl.col("^n_.*$").sum()).row(0, named=True) if frame.height else {}
    return Panel(
        identifier="sources-files",
        heading=translate("Files", language),
        finding=translate(
            "Files: {files}. Records read: {read}; accepted: {accepted}; rejected: {rejected}; ignored: "
            "{ignored}.",
            language,
            files=numbers.decimal(frame.height, language),
            **{
                name: numbers.decimal(counts.get(f"n_{name}", 0), language)
                for name in ("read", "accepted", "rejected", "ignored")
            },
        ),
        table=frame.with_columns(when),
        columns=(
            Column("file", translate("File", language)),
            Column("organisation", translate("Organisation", language)),
            Column("n_read", translate("Read", language), kind="number", is_totalled=True),
            Column("n_accepted", translate("Accepted", language), kind="number", is_totalled=True),
            Column("n_rejected", translate("Rejected", language), kind="number", is_totalled=True),
            Column("n_ignored", translate("Ignored", language), kind="number", is_totalled=True),
            Column("importer", translate("Read by", language), kind="code"),
            Column("committed", translate("Committed", language)),
            Column("sha256", "SHA-256", kind="hash"),
            Column("batch", translate("Batch", language), kind="code"),
        ),
    )


def _publications(result: Result, language: Language) -> Panel:
    """Return the publications the factors come from."""
    keys = ("source", "edition", "publisher", "title", "evidence", "licence")
    frame = (
        result.factors.group_by(keys)
        .agg(pl.col("factor_id").n_unique().cast(pl.Int64).alias("factors"))
        .sort(keys, nulls_last=True)
    )
    secondary = frame.filter(pl.col("evidence") == "secondary")["factors"].sum() or 0
    total = frame["factors"].sum() or 0
    return Panel(
        identifier="sources-publications",
        heading=translate("Publications of the factors", language),
        finding=translate(
            "Factors in use: {total}; of these read in a text that quotes the publication: {secondary}.",
            language,
            total=numbers.decimal(total, language),
            secondary=numbers.decimal(secondary, language),
        ),
        table=named(frame, "evidence", lambda code: names.evidence(code, language)),
        columns=(
            Column("publisher", translate("Publisher", language)),
            Column("title", translate("Title", language), kind="long"),
            Column("edition", translate("Edition", language)),
            Column("evidence", translate("Evidence", language)),
            Column("licence", translate("Licence", language)),
            Column("factors", translate("Factors", language), kind="number", is_totalled=True),
        ),
    )


def _factors(result: Result, wording: Wording) -> Panel:
    """Return every factor in use, one row per gas and part of the chain."""
    language = wording.language
    frame = result.factors.sort("activity", "product_group", "factor_id", "chain", "gas", nulls_last=True)
    subject = pl.when(pl.col("product_group").is_not_null()).then("_group").otherwise("_activity")
    frame = named(frame, "activity", lambda code: names.activity_name(code, language), alias="_activity")
    frame = named(frame, "product_group", wording.product_group, alias="_group")
    frame = named(frame, "chain", lambda code: names.chain(code, language))
    frame = named(frame, "basis", lambda code: names.basis(code, language))
    table = frame.select(
        subject.alias("subject"),
        "region",
        pl.Series("valid", _validity(frame, language), dtype=pl.String),
        pl.concat_str("gas", pl.lit(" ("), "chain", pl.lit(")")).alias("gas"),
        pl.col("value").cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".").alias("value"),
        pl.concat_str("mass_unit", pl.lit("/"), "per_unit").alias("unit"),
        "basis",
        "locator",
        "factor_id",
    )
    if language == "de":
        table = table.with_columns(pl.col("value").str.replace(".", ",", literal=True))
    return Panel(
        identifier="sources-factors",
        heading=translate("Factors in use", language),
        finding=translate(
            "Values: {count}, each with the place in its publication.",
            language,
            count=numbers.decimal(table.height, language),
        ),
        table=table,
        columns=(
            Column("subject", translate("Activity or product group", language)),
            Column("gas", translate("Gas and part of the chain", language)),
            Column("value", translate("Value", language), kind="exact"),
            Column("unit", translate("Unit", language)),
            Column("basis", translate("Calorific basis", language)),
            Column("region", translate("Region", language)),
            Column("valid", translate("Valid", language)),
            Column("locator", translate("Place", language)),
            Column("factor_id", translate("Factor", language), kind="code"),
        ),
    )


def _validity(frame: pl.DataFrame, language: Language) -> list[str | None]:
    """Return when each factor is valid, first and last day."""
    return [
        numbers.validity(first, end, language)
        for first, end in frame.select("valid_from", "valid_to").iter_rows()
    ]


def _assumptions(result: Result, wording: Wording) -> Panel:
    """Return what was assumed."""
    language = wording.language
    groups = set(result.lines["product_group"].drop_nulls().unique())
    frame = named(result.assumptions, "code", lambda code: names.assumption(code, language))
    frame = named(
        frame,
        "subject",
        lambda code: wording.product_group(code) if code in groups else names.activity_name(code, language),
    )
    frame = named(frame, "detail", lambda detail: worded(detail, language))
    return Panel(
        identifier="sources-assumptions",
        heading=translate("Assumptions", language),
        finding=translate(
            "Assumptions behind these figures: {count}.",
            language,
            count=numbers.decimal(frame.height, language),
        ),
        table=frame,
        columns=(
            Column("code", translate("Assumption", language), kind="long"),
            Column("subject", translate("Subject", language)),
            Column("detail", translate("Detail", language), kind="long"),
        ),
    )


def _whose(result: Result, language: Language) -> str:
    """Return whom the run was restricted to."""
    organisation = result.manifest.organisation
    if organisation is None:
        return translate("every organisation", language)
    return organisation_name(result, language)(organisation)


def _release(manifest: Manifest) -> str:
    """Return the hash of the factors, with the name of the release where the run took a named one."""
    name, sha256 = manifest.release_name, manifest.factor_release
    return sha256 if name is None else f"{name} ({sha256})"


def _manifest(result: Result, language: Language) -> Panel:
    """Return everything the figures depend on, to be computed again."""
    manifest = result.manifest
    rows = [
        (translate("Run", language), manifest.run),
        (translate("Calculated", language), numbers.instant(manifest.created_at, language)),
        (translate("Year", language), str(manifest.year)),
        (translate("Organisation", language), _whose(result, language)),
        (translate("Region of organisations without one", language), manifest.region),
        (translate("Books", language), ", ".join(names.book(book, language) for book in manifest.books)),
        (translate("Global warming potentials", language), names.potentials(manifest.gwp, language)),
        (translate("Version of the program", language), manifest.code_version),
        (translate("Factor release", language), _release(manifest)),
        (translate("Rules of the books", language), manifest.book_hash),
        (translate("Resolutions", language), manifest.resolutions_hash),
        (translate("Result", language), manifest.result_hash),
        (translate("Manifest", language), manifest.manifest_hash),
    ]
    return Panel(
        identifier="sources-manifest",
        heading=translate("Manifest", language),
        finding=translate(
            "Whoever has the same files and the same manifest gets the same figures.", language
        ),
        table=pl.DataFrame(rows, schema={"topic": pl.String, "statement": pl.String}, orient="row"),
        columns=(
            Column("topic", translate("Topic", language)),
            Column("statement", translate("Value", language), kind="code"),
        ),
    )
