"""Runs Odoo's and pytest's test runners on copies of the template databases."""

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time

from dev import odoo, paths, postgres, results, say, templates

WORK = paths.DEV / "checks"


@contextlib.contextmanager
def alone():
    """Let one check of this clone run at a time: they share the names of their databases."""
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise say.Stop("another check of this clone is running: wait for it to end") from None
        _drop_leftovers()
        yield


def _drop_leftovers():
    """Drop the copies of a run that was killed: nobody else makes any while we hold the lock."""
    if postgres.external():  # another clone's may be among them there
        return
    copies = postgres.execute(
        "postgres", "SELECT datname FROM pg_database WHERE datname ~ '^template_.*_[0-9a-f]{12}_'"
    )
    for (name,) in copies:
        postgres.drop(name)


@contextlib.contextmanager
def copied(kind, purpose):
    """Give the name of a copy of the template of this kind, dropped when the block ends."""
    template = templates.template(kind)
    name = f"{template}_{purpose}"
    postgres.create(name, template=template)
    try:
        yield name
    finally:
        postgres.drop(name)


def variable(arguments, name):
    """Return NAME=value from the command line, else from the environment, else an empty string."""
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if equals and key == name:
            return value
    return os.environ.get(name, "")


def in_ci():
    """Tell whether nothing may be left out for want of a tool."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


class OdooTests:
    """One run of Odoo's own test runner, started at once; `finish()` waits for its results."""

    def __init__(self, database, title, tags, late=False):
        self.title = title
        stem = title.replace(" ", "-").replace("/", "-")
        self.record = WORK / f"{stem}.jsonl"
        self.log = WORK / f"{stem}.log"
        for path in (self.record, self.log):
            path.unlink(missing_ok=True)
        command = odoo.command(
            f"--database={database}",
            f"--test-tags={','.join(tags)}",
            f"--logfile={self.log}",
            f"--http-port={free_port()}",
            "--http-interface=127.0.0.1",
            "--stop-after-init",
            "--max-cron-threads=0",
            "--workers=0",
        )
        # Odoo's command line is that of `python -m odoo`: only what starts it differs.
        at = command.index("-m")
        command[at : at + 2] = ["-m", "dev.server_tests", str(self.record)] + ["--late"] * late
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment(), stdin=subprocess.DEVNULL, cwd=paths.ROOT
        )

    def finish(self):
        """Wait, saying how far it is, and return the results; raise `Stop` if Odoo broke off."""
        while True:
            try:
                code = self.process.wait(timeout=5)
                break
            except subprocess.TimeoutExpired:
                done = len(results.read_lines(self.record))
                say.progress(f"{self.title}: {done} tests so far")
        found = results.read_lines(self.record)
        text = results.log_of(self.log)
        # Odoo ends with 1 for a failed test and for much else: only its last words tell.
        if code not in (0, 1) or "Initiating shutdown" not in text:
            found.append(
                results.Result(self.title, results.FAILED, f"Odoo broke off, see {self.log}")
            )
        elif code and not any(r.outcome == results.FAILED for r in found):
            lines = results.problems(text) or [f"see {self.log}"]
            found.append(results.Result(self.title, results.FAILED, "\n".join(lines)))
        minutes = (time.monotonic() - self.started) / 60
        say.step(f"{self.title}: {len(found)} tests in {minutes:.1f} minutes")
        return found

    def stop(self):
        """End the server if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def run_pytest(title, arguments, extra_environment):
    """Run pytest in the virtual environment; return its results and what Odoo logged."""
    record = WORK / f"{title}.xml"
    log = WORK / f"{title}.log"
    for path in (record, log):
        path.unlink(missing_ok=True)
    # The report at the end shows what failed, once and for all parts.
    quiet = ["-q", "--no-header", "--no-summary", f"--junitxml={record}"]
    command = [python(), "-m", "pytest", *quiet, *arguments]
    code = subprocess.run(
        command,
        env={**environment(), **extra_environment, "ODOO_LOGFILE": str(log)},
        stdin=subprocess.DEVNULL,
        cwd=paths.ROOT,
    ).returncode
    found = results.read_junit(record)
    # 0 all passed, 1 some failed, 5 none collected; anything else is a run that broke off.
    if code not in (0, 1, 5) or (code == 1 and results.count(found)[1] == 0):
        found.append(results.Result(title, results.FAILED, f"pytest broke off (status {code})"))
    return found, results.log_of(log)


def python():
    """Return the interpreter of the virtual environment."""
    return odoo.command()[0]


def environment():
    """Return the environment in which Odoo and its tests run."""
    return {**odoo.environment(), "PYTHONPATH": str(paths.ROOT), "PYTHONUNBUFFERED": "1"}


def free_port():
    """Return a TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(found, log_problems=()):
    """Print what failed and the count line; return the exit status."""
    results.report(found)
    for text in log_problems:
        print(f"\nLOGGED {text}")
    passed, failed, skipped = results.count(found)
    failed += len(log_problems)
    if not passed + failed + skipped:
        print("no test ran")
        failed = 1
    print()
    print(results.count_line(passed, failed, skipped))
    sys.stdout.flush()
    return 1 if failed else 0
