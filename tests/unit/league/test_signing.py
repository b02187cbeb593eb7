import hashlib

import pytest

from bilanz.errors import UsageError
from bilanz.league.signing import (
    PUBLIC,
    SIGNATURE,
    SUMS,
    fingerprint,
    integrity,
    new_key,
    public_of,
    signed,
    sums_of,
)

FILES = {"a.csv": b"one,two\n1,2\n", "b.json": b"{}\n", "c": b""}
KEY = new_key()
WHOLE = signed(FILES, KEY)


def test_what_was_signed_is_whole() -> None:
    found = integrity(WHOLE)
    assert found.is_whole
    assert found.fingerprint == fingerprint(public_of(KEY))
    assert found.digest == hashlib.sha256(WHOLE[SUMS]).hexdigest()


def test_the_list_is_the_one_sha256sum_reads() -> None:
    digest = hashlib.sha256(b"").hexdigest()
    assert sums_of({"c": b"", "a": b""}) == f"{digest}  a\n{digest}  c\n".encode()


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_any_byte_of_any_file_that_is_altered_is_named(name: str) -> None:
    content = WHOLE[name]
    for place in range(len(content)):
        for bit in (1, 0x20, 0x80):
            changed = bytearray(content)
            changed[place] ^= bit
            found = integrity({**WHOLE, name: bytes(changed)})
            assert name in found.altered, (name, place, bit)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_file_that_was_cut_or_lengthened_is_named(name: str) -> None:
    content = WHOLE[name]
    for changed in (content[:-1], content + b"\n", content + b"\x00"):
        if changed != content:
            assert name in integrity({**WHOLE, name: changed}).altered


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_file_that_is_gone_is_named(name: str) -> None:
    found = integrity({other: content for other, content in WHOLE.items() if other != name})
    assert name in found.missing
    assert not found.is_whole


def test_a_file_that_was_added_is_named() -> None:
    assert integrity({**WHOLE, "more.csv": b""}).extra == ("more.csv",)


def test_files_signed_anew_with_another_key_have_another_fingerprint() -> None:
    """A forger can sign: what is altered then is the key, which the league has pinned."""
    forged = integrity(signed({**FILES, "a.csv": b"one,two\n1,3\n"}, new_key()))
    assert forged.is_whole
    assert forged.fingerprint != integrity(WHOLE).fingerprint


def test_a_signature_of_another_list_is_none() -> None:
    other = signed({**FILES, "a.csv": b"x"}, KEY)
    assert integrity({**WHOLE, SIGNATURE: other[SIGNATURE]}).altered == (SUMS, SIGNATURE)


def test_nothing_at_all_is_not_whole() -> None:
    found = integrity({})
    assert found.missing == (SUMS, SIGNATURE, PUBLIC)
    assert found.fingerprint is None


@pytest.mark.parametrize("pem", [b"", b"no key", public_of(KEY)])
def test_what_is_no_private_key_signs_nothing(pem: bytes) -> None:
    with pytest.raises(UsageError, match="Ed25519"):
        signed(FILES, pem)
