"""``make run`` and its companions: the demo database of this clone and the Odoo that serves it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

from dev import odoo, paths, postgres, say, system, templates

DATABASE = "union_assist"
LOGINS = {
    "admin": "administrator",
    "federation": "trade-union federation",
    "county": "county official of Ziyang",
    "county2": "county official of other counties",
    "operator": "grain-group operator",
    "inspector": "quality",
    "warehouse": "warehouse",
    "supplier": "supplier's portal",
    "supplier2": "another supplier's portal",
}
PROCESS = paths.DEV / "odoo.process"  # number, start and port of the Odoo that serves
LOG = paths.LOGS / "odoo.log"


def run(_arguments):
    """Set everything up, bring the demo database up to date and serve it until Ctrl-C."""
    port = _port()
    if _serving():
        raise say.Stop(
            f"Union Assist already runs at {_address(_serving()['port'])} (make stop ends it)."
        )
    _check_free(port)
    if not paths.VENV.exists():
        say.step("First run: this takes about 6 minutes and 3 GB of disk, the next one seconds")
    odoo.setup()
    _bring_up_to_date()
    _serve(port)


def _port() -> int:
    text = os.environ.get("PORT") or "8069"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise say.Stop(f"PORT={text} is no port: give a number from 1024 to 65535.")
    return int(text)


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _check_free(port: int):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise say.Stop(
                f"port {port} cannot be used ({error.strerror}): take another one, "
                f"for example: make run PORT={port + 1}"
            ) from None


def _bring_up_to_date():
    """Make the database from the template, or update the addons that changed since."""
    state = templates.state()
    if not postgres.exists(DATABASE):
        made_from = templates.template("product")
        say.step(f"Making the database {DATABASE}")
        new = f"{DATABASE}_new"  # complete before it has the name that the next run looks for
        postgres.create(new, made_from)
        postgres.execute(
            new,
            "UPDATE ir_config_parameter SET value = gen_random_uuid() WHERE key = 'database.uuid'",
        )
        _note_state(new, state)
        postgres.rename(new, DATABASE)
    else:
        comment = postgres.execute(
            DATABASE,
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            DATABASE,
        )[0][0]
        before, now = json.loads(comment or "{}"), json.loads(state)
        changed = [part for part in ("odoo", *odoo.ADDONS) if before.get(part) != now[part]]
        if not changed:
            return
        if "odoo" in changed:
            changed = ["base"]
        say.step(f"Updating {', '.join(changed)} in the database {DATABASE}")
        odoo.run(
            f"update {DATABASE}",
            *("-d", DATABASE, "--stop-after-init", "--no-http", "--i18n-overwrite"),
            *("-u", ",".join(changed), "-i", ",".join(odoo.ADDONS)),
            log="update.log",
        )
        _note_state(DATABASE, state)


def _note_state(db: str, state: str):
    """Keep with the database what it was made of."""
    postgres.execute("postgres", f'COMMENT ON DATABASE "{db}" IS %s', state)


def _serve(port: int):
    say.step("Starting Odoo")
    arguments = ("-d", DATABASE, "--http-port", port, "--logfile", LOG)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    with open(paths.LOGS / "odoo.out", "w") as out:
        process = subprocess.Popen(
            # The kernel ends Odoo when the tool is killed: nothing is left that holds the port.
            ["setpriv", "--pdeathsig", "TERM", "--", *odoo.command(*arguments)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=odoo.environment(),
            cwd=paths.ROOT,
        )
    record = {"pid": process.pid, "started": system.started(process.pid), "port": port}
    PROCESS.write_text(json.dumps(record))
    try:
        if _answers(process, port):
            _welcome(port)
        process.wait()
        if PROCESS.exists():  # make stop removes it
            raise say.Stop(f"Odoo ended: {_last_words()} (log: .dev/logs/odoo.log)")
        print("Stopped.")
    except KeyboardInterrupt:
        print("\nStopping…", flush=True)
    finally:
        _end(**record)
        PROCESS.unlink(missing_ok=True)
    return 0


def _answers(process, port: int) -> bool:
    """Wait until Odoo answers; False when it ended before."""
    for second in range(300):
        if process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{_address(port)}/web/health", timeout=5):
                return True
        except OSError:
            say.progress(f"{second} s")
            time.sleep(1)
    raise say.Stop("Odoo does not answer after five minutes (log: .dev/logs/odoo.log)")


def _last_words() -> str:
    log = "".join(
        file.read_text(errors="replace") for file in (LOG, paths.LOGS / "odoo.out") if file.exists()
    )
    return system.cause(log)


def _welcome(port: int):
    rows = postgres.execute(
        DATABASE, "SELECT login FROM res_users WHERE active AND login = ANY(%s)", list(LOGINS)
    )
    there = [login for login in LOGINS if (login,) in rows]
    say.end()
    print(f"\n  Union Assist is ready:  {_address(port)}\n")
    print("  Demo logins (each is its own password):")
    for login in there:
        print(f"    {login:<10} {LOGINS[login]}")
    print("\n  Ctrl-C stops it; the data stay. Log: .dev/logs/odoo.log\n", flush=True)


def _serving() -> dict:
    """The record of the Odoo of this clone that is alive; {} when there is none."""
    try:
        record = json.loads(PROCESS.read_text())
    except (OSError, ValueError):
        return {}
    alive = system.started(record["pid"])
    return record if alive and alive == record["started"] else {}


def _end(pid: int, started: str, port: int):
    """End Odoo: kindly at first."""
    for number, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        if system.started(pid) != started:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        for _tenth in range(seconds * 10):
            if system.started(pid) != started:
                return
            time.sleep(0.1)


def stop(_arguments):
    """Stop Odoo and PostgreSQL of this clone."""
    record = _serving()
    if record:
        say.step("Stopping Odoo")
        PROCESS.unlink(missing_ok=True)
        _end(**record)
    say.step("Stopping PostgreSQL")
    postgres.stop()


def reset(_arguments):
    """Remove the demo database; the next run makes it anew."""
    if _serving():
        raise say.Stop("Union Assist is running: make stop first.")
    odoo.setup()
    postgres.drop(DATABASE)
    say.step(f"The database {DATABASE} is removed; make run makes it anew")


def shell(_arguments):
    """Odoo's interactive shell in the demo database."""
    _need_database()
    return _client(odoo.command("shell", "-d", DATABASE, "--no-http"))


def psql(_arguments):
    """PostgreSQL's client in the demo database."""
    _need_database()
    return _client([postgres.client(), "-d", DATABASE])


def _need_database():
    odoo.setup()
    if not postgres.exists(DATABASE):
        raise say.Stop(f"there is no database {DATABASE} yet: make run makes it.")


def _client(command: list) -> int:
    # Ctrl-C belongs to the client.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(
        command,
        env=odoo.environment(),
        cwd=paths.ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
