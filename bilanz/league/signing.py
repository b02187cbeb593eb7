"""Hashes of files, and an Ed25519 signature (RFC 8032) over their list.

SHA256SUMS      one line a file, by name: as `sha256sum` writes and checks it
SHA256SUMS.sig  64 bytes over SHA256SUMS: as `openssl pkeyutl -sign -rawin` writes them
public.pem      the key; its fingerprint is the sha256 of its DER form
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bilanz.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"
PUBLIC: Final = "public.pem"

_LINE: Final = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<name>[A-Za-z0-9][\w.-]*)", re.ASCII)


def new_key() -> bytes:
    """Return a fresh private key, PEM without a password."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_of(private: bytes) -> bytes:
    """Return the public key of a private one, PEM.

    Raises:
        UsageError: it is no Ed25519 private key, or it has a password.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return _private(private).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _private(pem: bytes) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("The key is no Ed25519 private key without a password (PEM).")
    return key


def _public(pem: bytes) -> "Ed25519PublicKey | None":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def fingerprint(public: bytes) -> str | None:
    """Return the sha256 of a public key in hexadecimal, or None where it is no Ed25519 key."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _public(public)
    if key is None:
        return None
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """Return the list of the hashes of files, by name."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def signed(files: Mapping[str, bytes], private: bytes) -> dict[str, bytes]:
    """Return files with the public key, their hashes and the signature of these.

    Raises:
        UsageError: the key is none.
    """
    told = {**files, PUBLIC: public_of(private)}
    sums = sums_of(told)
    return {**told, SUMS: sums, SIGNATURE: _private(private).sign(sums)}


@dataclass(frozen=True, slots=True)
class Integrity:
    """What became of files since they were signed.

    Attributes:
        altered: files whose bytes are not those of the list; the list, key or signature themselves where
            they do not belong together.
        missing: files of the list that are not there.
        extra: files that are not in the list.
        fingerprint: of the key in the bundle; None: it is none.
        digest: sha256 of the list.
    """

    altered: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    fingerprint: str | None
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        names = {name: list(getattr(self, name)) for name in ("altered", "missing", "extra")}
        return {**names, "fingerprint": self.fingerprint, "digest": self.digest}

    @property
    def is_whole(self) -> bool:
        """Whether every file is there, as it was signed, and no other."""
        return not (self.altered or self.missing or self.extra)


def integrity(files: Mapping[str, bytes]) -> Integrity:
    """Hold files against their list and the list against its signature; every difference is named."""
    sums, signature, public = (files.get(name) for name in (SUMS, SIGNATURE, PUBLIC))
    told = listed(sums or b"")
    there = {name for name in files if name not in {SUMS, SIGNATURE}}
    altered = {name for name in there & told.keys() if hashlib.sha256(files[name]).hexdigest() != told[name]}
    if sums is not None and (not told or _spelt(told) != sums):
        altered.add(SUMS)
    if SUMS not in altered and not _is_signed(sums, signature, public):
        altered |= {name for name in (SUMS, SIGNATURE) if name in files}
    absent = {name for name in (SUMS, SIGNATURE, PUBLIC) if name not in files}
    return Integrity(
        tuple(sorted(altered)),
        tuple(sorted((told.keys() - there) | absent)),
        tuple(sorted(there - told.keys())) if told else (),
        fingerprint(public or b""),
        hashlib.sha256(sums or b"").hexdigest(),
    )


def listed(sums: bytes) -> dict[str, str]:
    """Return name → hash of a list of hashes; of lines that are none of a list, nothing."""
    try:
        lines = sums.decode("ascii").splitlines()
    except UnicodeDecodeError:
        return {}
    found = [_LINE.fullmatch(line) for line in lines]
    return {match["name"]: match["hash"] for match in found if match}


def _spelt(listed: Mapping[str, str]) -> bytes:
    return "".join(f"{listed[name]}  {name}\n" for name in sorted(listed)).encode()


def _is_signed(sums: bytes | None, signature: bytes | None, public: bytes | None) -> bool:
    from cryptography.exceptions import InvalidSignature

    key = _public(public or b"")
    if key is None or sums is None or signature is None:
        return False
    try:
        key.verify(signature, sums)
    except InvalidSignature:
        return False
    return True
