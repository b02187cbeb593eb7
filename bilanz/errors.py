"""The tree of exceptions.

Bad data is never an exception: it is an `Issue` (see `bilanz.issues`). An exception means that the command
as a whole cannot be carried out.

    BilanzError                 exit 1, code "error"
    ├── UsageError              exit 2  a wrong option, an unknown name, a broken configuration
    │   └── UnknownName         exit 2  a name outside a closed vocabulary; carries near misses
    ├── Refused                 exit 1  the request is understood and not carried out
    │   ├── FileRefused         exit 1  no importer or more than one, empty, binary, too large, unreadable
    │   ├── AlreadyImported     exit 1  the same bytes are committed already; names the first batch
    │   ├── NoFactor            exit 1  a single question for which no factor fits
    │   ├── NotSignedIn         exit 1  whoever asks is nobody the web application knows
    │   └── Forbidden           exit 1  whoever asks may not do this there
    ├── UnitError               exit 1  a unit that is not whitelisted, or dimensions that do not fit
    ├── GwpMissing              exit 1  the chosen set has no value for a gas
    ├── CatalogueError          exit 1  a shipped or imported factor table is not what it must be
    ├── ReleaseBroken           exit 1  a release is incomplete or was changed after it was made
    └── StoreBusy               exit 3  another process holds the store; names it
"""

from typing import Any


class BilanzError(Exception):
    """The command cannot be carried out.

    Attributes:
        code: stable identifier for other programs.
        exit_code: what the process returns.
        parameters: values for the translated message; the message itself is the untranslated template.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, /, *, code: str | None = None, **parameters: Any) -> None:  # noqa: ANN401 - told in a message
        self.template = message
        self.parameters = parameters
        if code is not None:
            self.code = code
        super().__init__(message.format(**parameters) if parameters else message)


class UsageError(BilanzError):
    """A wrong option, an unknown name, a broken configuration."""

    code = "usage"
    exit_code = 2


class UnknownName(UsageError):
    """A name outside a closed vocabulary."""

    code = "unknown_name"


class Refused(BilanzError):
    """The request is understood and not carried out."""

    code = "refused"


class FileRefused(Refused):
    """The file as a whole cannot be taken."""

    code = "file_refused"


class AlreadyImported(Refused):
    """The same bytes are committed already."""

    code = "already_imported"


class NoFactor(Refused):
    """No factor fits a single question."""

    code = "no_factor"


class NotSignedIn(Refused):
    """Whoever asks is nobody the web application knows."""

    code = "not_signed_in"


class Forbidden(Refused):
    """Whoever asks may not do this there."""

    code = "forbidden"


class UnitError(BilanzError):
    """A unit that is not whitelisted, or dimensions that do not fit."""

    code = "unit"


class GwpMissing(BilanzError):
    """The chosen set of global warming potentials has no value for a gas."""

    code = "gwp_missing"


class CatalogueError(BilanzError):
    """A factor table is not what it must be."""

    code = "catalogue"


class ReleaseBroken(BilanzError):
    """A release of factors is incomplete or was changed after it was made."""

    code = "release_broken"


class StoreBusy(BilanzError):
    """Another process holds the store."""

    code = "store_busy"
    exit_code = 3
