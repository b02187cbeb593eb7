"""Passwords: what a good one is, and their hashes (argon2id)."""

import secrets
import threading
from functools import cache
from typing import TYPE_CHECKING, Final

from bilanz.errors import UsageError

if TYPE_CHECKING:
    from pwdlib import PasswordHash

LEAST: Final = 12
"""Characters a password has at least (ASVS 5.0, 6.2.1 asks for 8, recommends 15)."""
MOST: Final = 256
_OWN: Final = 8
"""Characters that are left when the words of everybody are taken out, at least."""
_DIFFERENT: Final = 5
_WORDS: Final = (
    "passwort",
    "password",
    "kennwort",
    "bilanz",
    "geheim",
    "secret",
    "qwertz",
    "qwerty",
    "asdf",
    "123456789",
    "12345678",
    "1234567",
    "123456",
    "12345",
    "1234",
    "willkommen",
    "welcome",
    "hallo",
    "admin",
    "stadt",
    "start",
    "frühling",
    "sommer",
    "herbst",
    "winter",
)
"""What whoever guesses tries first."""
_AWAITED: Final = "awaited:"
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Each hash takes 64 MiB: whoever sends many passwords at once must not fill the memory."""


def hashed(password: str, *names: str) -> str:
    """Return the argon2id hash of a password.

    `names`: login and name of its owner, which do not make it good.

    Raises:
        UsageError: it is too short, too long or easily guessed.
    """
    if not LEAST <= len(password) <= MOST:
        message = "A password has between {least} and {most} characters."
        raise UsageError(message, least=LEAST, most=MOST)
    if is_guessable(password, *names):
        message = "This password is easily guessed. Take several words that have nothing to do with you."
        raise UsageError(message)
    with _AT_ONCE:
        return _hasher().hash(password)


_WORD: Final = 3
"""Signs of a part of a name at least: shorter ones stand in every password."""


def is_guessable(password: str, *names: str) -> bool:
    """Tell whether little is left of a password without names, everybody's words and repetition."""
    left = password.casefold()
    if len(set(left)) < _DIFFERENT:
        return True
    words = [word for name in names for word in name.casefold().split() if len(word) >= _WORD]
    for word in (*words, *_WORDS):
        left = left.replace(word, "")
    return len(left) < _OWN


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one a hash was made of; nothing kept takes as long and is wrong."""
    with _AT_ONCE:
        if kept is None or is_awaited(kept) or len(password) > MOST:
            _hasher().verify(password[:MOST], _decoy())
            return False
        return _hasher().verify(password, kept)


def awaited() -> str:
    """Return what stands in the place of a hash until a password is chosen; no two are the same."""
    return _AWAITED + secrets.token_hex()


def is_awaited(kept: str | None) -> bool:
    """Tell whether a password is still to be chosen."""
    return kept is not None and kept.startswith(_AWAITED)


@cache
def _hasher() -> "PasswordHash":
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash((Argon2Hasher(),))


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_hex())
