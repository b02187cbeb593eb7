"""A CSV file of master data, a zip of several or a workbook, as it is handed in and as it is given out."""

import hashlib
import io
import re
import time
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from bilanz.app.master import csvfiles
from bilanz.app.master import workbook as masterworkbook
from bilanz.app.master.fields import is_hidden_in
from bilanz.app.master.intake import Known
from bilanz.app.master.rows import access_of
from bilanz.app.master.tables import BY_NAME, TABLES, Table
from bilanz.app.settings import Settings
from bilanz.errors import FileRefused, UnknownName
from bilanz.masterrow import MasterRow

FOLDER: Final = "masterdata-uploads"
MOST_UNPACKED: Final = 20 * 1024**2
MOST_FILES: Final = 40
MOST_ROWS: Final = 20_000
_HOURS: Final = 24
_ZIP: Final = b"PK\x03\x04"
_COPY: Final = re.compile(r"( ?\(\d+\)| ?- ?(Kopie|Copy))+$")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def sheets_of(name: str, content: bytes, table: str = "") -> dict[str, csvfiles.Sheet]:
    """Return table → rows of what was handed in.

    Args:
        name: of the file; tells the table of a single CSV file.
        content: CSV, a zip of CSV files, or a workbook.
        table: of a single CSV file or of the first sheet of a workbook, whatever its name.

    Raises:
        FileRefused: no table, or no file that can be read.
    """
    if masterworkbook.is_workbook(content):
        sheets = masterworkbook.read(content, _last(name), table or _stem(name))
    else:
        sheets = _of_csv(name, content, table)
    if sum(len(sheet.rows) for sheet in sheets.values()) > MOST_ROWS:
        message = "{file} holds more than {most} rows. Hand it in in parts."
        raise FileRefused(message, file=name, code="too_many_rows", most=MOST_ROWS)
    return sheets


def _of_csv(name: str, content: bytes, table: str) -> dict[str, csvfiles.Sheet]:
    files = dict(_unpacked(name, content)) if content.startswith(_ZIP) else {table or _stem(name): content}
    unknown = sorted(stem for stem in files if stem not in BY_NAME)
    if unknown or not files:
        message = "{file} holds no table of master data. Name it after its table, for example terms.csv."
        raise FileRefused(message, file=(unknown or [name])[0], code="no_table")
    return {stem: csvfiles.read(bytes_, BY_NAME[stem], f"{stem}.csv") for stem, bytes_ in files.items()}


def _last(name: str) -> str:
    """Return the name of a file without folders."""
    return name.replace("\\", "/").rpartition("/")[2]


def _stem(name: str) -> str:
    """Return the table a file is named after, also where a browser numbered it."""
    last = _last(name)
    return _COPY.sub("", last.rpartition(".")[0] or last).strip().lower()


def _unpacked(name: str, content: bytes) -> Iterable[tuple[str, bytes]]:
    """Yield (table, bytes) of the files of a zip; sizes are counted, not believed."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or len({_stem(entry.filename) for entry in entries}) < len(entries):
                message = "{file} holds too many files, or two of one name."
                raise FileRefused(message, file=name, code="zip_files")
            for entry in entries:
                with archive.open(entry) as stream:
                    found = stream.read(left + 1)
                left -= len(found)
                if left < 0:
                    raise FileRefused(
                        "{file} is larger than {most} MB.", file=name, most=MOST_UNPACKED // 1024**2
                    )
                yield _stem(entry.filename), found
    except (
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        message = "{file} cannot be unpacked: {reason}."
        raise FileRefused(message, file=name, code="zip", reason=str(error)) from error


def keep(settings: Settings, content: bytes) -> str:
    """Keep what was handed in until it is taken over, for a day, and return its sha256."""
    folder = settings.data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        with suppress(FileNotFoundError):  # somebody else tidies up at the same time
            if old.stat().st_mtime < time.time() - _HOURS * 3600:
                old.unlink()
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256).write_bytes(content)
    return sha256


def kept(settings: Settings, sha256: str) -> bytes:
    """Return what was handed in before.

    Raises:
        UnknownName: it is no longer there.
    """
    path = settings.data / FOLDER / sha256
    if not _SHA256.fullmatch(sha256) or not path.is_file():
        raise UnknownName("The file is no longer kept. Hand it in again.")
    return path.read_bytes()


def file_of(known: Known, table: Table, *, is_assumed: bool = False) -> bytes:
    """Return the rows of a table that may be seen, as a CSV file that imports without any change.

    Args:
        known: what is registered.
        table: whose rows.
        is_assumed: of terms those an import assumed, to be completed: once imported they are stated.
    """
    return csvfiles.write(table, _seen(known, table, is_assumed=is_assumed))


def _seen(known: Known, table: Table, *, is_assumed: bool = False) -> list[tuple[MasterRow, frozenset[str]]]:
    """Return the rows of a table that may be seen, each with the columns that may not."""
    rows: Iterable[MasterRow] = known.assumed if is_assumed else known.rows[table.name].values()
    seen = [row for row in rows if access_of(known).sees(table.name, row)]
    return [(row, _hidden(table, known, row)) for row in seen]


def _hidden(table: Table, known: Known, row: MasterRow) -> frozenset[str]:
    return frozenset(name for name in table.references if is_hidden_in(table, known, row, name))


def archive_of(known: Known) -> bytes:
    """Return the CSV files of all tables with what may be seen, as a zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            archive.writestr(f"{table.name}.csv", file_of(known, table))
    return target.getvalue()


def workbook_of(known: Known) -> bytes:
    """Return a workbook with a sheet for each table, with what may be seen."""
    return masterworkbook.write([(table, _seen(known, table)) for table in TABLES], known.language)
