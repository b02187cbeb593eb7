"""Detached signatures of deliveries: Ed25519 (RFC 8032) over the bytes of the file, as OpenSSL writes them.

openssl genpkey -algorithm ed25519 -out key.pem
openssl pkey -in key.pem -pubout -out public.pem
openssl pkeyutl -sign -rawin -inkey key.pem -in delivery.csv -out delivery.csv.sig
"""

from pathlib import Path
from typing import Final

from bilanz.errors import UsageError

_LENGTH: Final = 64


def is_signed(path: Path, signature: Path, key: Path) -> bool:
    """Return whether a signature belongs to a file and a public key.

    Args:
        path: the file.
        signature: its 64 bytes; a file that is not there is no signature.
        key: public key, PEM.

    Raises:
        UsageError: the key cannot be read, or is no Ed25519 public key.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    message = "{file} is no Ed25519 public key (PEM)."
    try:
        public = load_pem_public_key(key.read_bytes())
    except (ValueError, UnsupportedAlgorithm, OSError):
        raise UsageError(message, file=key.name) from None
    if not isinstance(public, Ed25519PublicKey):
        raise UsageError(message, file=key.name)
    if not signature.is_file() or signature.stat().st_size != _LENGTH:
        return False
    try:
        public.verify(signature.read_bytes(), path.read_bytes())
    except InvalidSignature:
        return False
    return True
