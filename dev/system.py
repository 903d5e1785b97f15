"""Programs, locks, processes and files of the machine."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

from dev import paths, say

# What programs print when they fail for a reason that the person can do something about.
_CAUSES = (
    (r"No space left on device|Disk quota exceeded", f"the disk is full: {say.DISK_FULL}"),
    (
        r"BADSIG|NO_PUBKEY|EXPKEYSIG|is not signed|Hash Sum mismatch|invalid signature",
        "a download does not carry a valid signature and was thrown away: run the same command "
        "again later, or point apt's configuration at another mirror.",
    ),
    (
        r"Release file .* is (expired|not valid yet)",
        "the Debian mirror's package list has expired: point apt's configuration at another "
        "mirror, or set the machine's clock.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verif",
        "the certificate of a server is not trusted: install ca-certificates, or set PIP_CERT to "
        "the certificates of your proxy.",
    ),
    (
        r"Temporary failure|Could not resolve|Could not connect|Network is unreachable|getaddrinfo"
        r"|Failed to establish a new connection|Connection (timed out|refused)|Failed to fetch"
        r"|Name or service not known|ConnectTimeout|ReadTimeout",
        "the network cannot be reached: connect (or set the proxy) and run the same command again; "
        "what is already downloaded is kept.",
    ),
)

_held = set()


def run(command, doing: str, on_line=None, watch=None, log="setup.log", **kwargs) -> str:
    """Run a program and return what it printed; the output is also kept in ``.dev/logs``.

    ``doing`` completes "could not …" when it fails. ``on_line`` is called with every line it
    prints, ``watch`` once a second while it runs.
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    done = threading.Event()
    output = []
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **{"stdin": subprocess.DEVNULL, **kwargs},
        )
    except FileNotFoundError:
        raise say.Stop(
            f"could not {doing}: the program {command[0]} is missing, install it."
        ) from None

    def keep_watching():
        while not done.wait(1):
            watch()

    if watch:
        threading.Thread(target=keep_watching, daemon=True).start()
    try:
        with open(paths.LOGS / log, "a") as file:
            for line in process.stdout:
                file.write(line)
                output.append(line)
                if on_line:
                    on_line(line)
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        done.set()
    text = "".join(output)
    if code:
        raise say.Stop(f"could not {doing}: {cause(text)} (full output: .dev/logs/{log})")
    return text


def cause(output: str) -> str:
    """The reason of a failure in one sentence, from what a program printed."""
    for pattern, sentence in _CAUSES:
        if re.search(pattern, output):
            return sentence
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [
        line
        for line in lines
        if re.match(r"(?i)(E:|error|fatal|initdb: error)|.*(Error:|ERROR|FATAL|CRITICAL)", line)
    ]
    return (errors or lines or ["no output"])[-1][:300]


@contextlib.contextmanager
def lock(path: Path, waiting: str = ""):
    """Hold the lock file at ``path``; the kernel lets go of it however the process ends."""
    if path in _held:  # by this very process, further up
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                say.step(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)


def need_space(folder: Path, megabytes: int):
    """Refuse to begin what cannot end."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise say.Stop(
            f"{folder} needs {megabytes} MB of free space and has {free} MB: {say.DISK_FULL}"
        )


def apt_install(*packages: str) -> bool:
    """Install Debian packages where possible (as root, with apt); whether it was done."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    doing = f"install {' '.join(packages)} with apt"
    try:
        run([*apt, "update"], doing, env=environment)
        run([*apt, "install", "-y", "--no-install-recommends", *packages], doing, env=environment)
    except say.Stop as error:
        say.warn(str(error))
        return False
    return True


def started(pid: int) -> str:
    """When a living process was started, as the kernel counts it; "" when there is none.

    Together with its number this names a process beyond its end and over a restart of the machine.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else f"{boot}:{fields[19]}"


def fingerprint(*parts) -> str:
    """Hash over texts, files and whole folders (names and contents)."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = [part] if part.is_file() else sorted(p for p in part.rglob("*") if p.is_file())
            for file in files:
                inside = file.relative_to(part).as_posix() if file != part else file.name
                if "__pycache__" not in file.parts:
                    digest.update(f"\0{inside}\0".encode() + file.read_bytes())
        else:
            digest.update(f"\0{part}\0".encode())
    return digest.hexdigest()[:12]


def copy_linked(source: Path, target: Path):
    """Copy a folder whose files are never changed in place, with hard links where possible."""

    def link(one, other):
        try:
            os.link(one, other)
        except OSError:
            shutil.copy2(one, other)

    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target, copy_function=link)
