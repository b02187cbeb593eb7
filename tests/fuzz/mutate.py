"""Damaged files: what a seed becomes by cutting, doubling, swapping, inserting; archives inside, too."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

TOKENS: tuple[bytes, ...] = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"''", b";", b",", b"\t", b"\r", b"\n", b"\r\n"),
    *(b"<", b">", b"</", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"<a>" * 300, b"[" * 2000),
    *(b"{" * 2000, b"{}", b"[]", b"null", b"NaN", b"1e999", b"-1", b"0", b"99999999999999999999", b"1,5"),
    *(b"0.0000000000001", b"1.234", b"9,99", b"=1+1", b"#VALUE!", b"31.02.2024", b"29.03.2026 02:30"),
    *(b"9999-12-31T23:59", b"0000-00-00", b"2024-01-01", b"kWh", b"kW", b"MWh", b"GWh", b"l", b"kvarh"),
    *(b"EUR", b"\xc3\xa4", b"\xe4", b"\xf0\x9f\x92\xa5", b"UNA:+,? '", b"QTY+220:1'", b"+", b":", b"summe"),
    *(b"DTM+163:202402301200?+00:303'", b"Summe;;;;", b" " * 500, b"A" * 5000),
)
"""What is inserted: signs the formats are made of, numbers and dates at their limits, depth and length."""

_MOST = 60_000


@dataclass(frozen=True, slots=True)
class Change:
    """One damage: where (share of the file), how, and with what."""

    kind: str
    at: float
    length: int
    token: int


KINDS = ("cut", "insert", "double", "flip", "swap", "turn", "truncate", "replace", "lines", "digits")

CHANGES = st.builds(
    Change,
    kind=st.sampled_from(KINDS),
    at=st.floats(0, 1, allow_nan=False),
    length=st.integers(1, 400),
    token=st.integers(0, len(TOKENS) - 1),
)


def damaged(data: bytes, changes: Sequence[Change]) -> bytes:
    """Return a file after its damages; it never grows beyond a bound."""
    for change in changes:
        data = _changed(data, change)[:_MOST]
    return data


def damaged_inside(data: bytes, changes: Sequence[Change]) -> bytes:
    """Return an archive whose parts are damaged while the archive itself stays readable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return damaged(data, changes)
    for number, change in enumerate(changes):
        place = (change.token + number) % len(parts)
        name, part = parts[place]
        parts[place] = (name, _changed(part, change)[: 4 * _MOST])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts:
            archive.writestr(name, part)
    return target.getvalue()


def _changed(data: bytes, change: Change) -> bytes:
    start = int(change.at * len(data))
    end = min(len(data), start + change.length)
    before, part, after = data[:start], data[start:end], data[end:]
    token = TOKENS[change.token]
    lines = data.split(b"\n")
    place = start % len(lines)
    more = lines[place : place + 1] * (1 + change.length % 5)
    results = {
        "cut": before + after,
        "insert": before + token + part + after,
        "double": before + part + part + after,
        "flip": before + bytes(byte ^ (1 << change.token % 8) for byte in part[:1]) + part[1:] + after,
        "swap": before + part[::-1] + after,
        "turn": after + before + part,
        "truncate": before,
        "replace": before + token + data[start + len(token) :],
        "lines": b"\n".join([*lines[:place], *more, *lines[place + 2 :]]),
        "digits": before + part.translate(_DIGITS) + after,
    }
    return results[change.kind]


_DIGITS = bytes.maketrans(b"0123456789.,", b"9876543210,.")
