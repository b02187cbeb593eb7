"""A PostgreSQL of our own for tests: a fresh cluster on a socket, gone with the block."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
    Path(found) for name in ("initdb",) if (found := shutil.which(name)) is not None
]
PROGRAMS = _FOUND[-1].parent if _FOUND else None
MISSING = "no PostgreSQL here (Debian: postgresql): the registry is not tested on it"
_SERVER_USER = "postgres"


@dataclass
class Cluster:
    """A running server; it listens on a socket in `folder` only."""

    folder: Path
    user: str
    made: int = field(default=0)

    def database(self) -> str:
        """Return the address of a new, empty database."""
        import psycopg

        self.made += 1
        name = f"registry_{self.made}"
        where = f"host={self.folder} user={self.user} dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.folder}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server and stop it afterwards. It never runs as root: Debian's own user lends a hand."""
    assert PROGRAMS is not None, MISSING
    is_root = os.geteuid() == 0
    user = _SERVER_USER if is_root else pwd.getpwuid(os.geteuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if is_root else []
    folder = Path(tempfile.mkdtemp(prefix="bilanz-pg-"))  # short: the path of a socket has 107 signs at most
    if is_root:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(PROGRAMS / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-D", str(data), "-A", "trust", "-U", user, "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield Cluster(folder, user)
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
