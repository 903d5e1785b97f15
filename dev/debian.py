"""Packages of Debian unpacked into the cache, without installing them and without root.

Odoo 19 is not on PyPI; Debian unstable carries it whole. A private apt state with one source line
fetches it from the mirror that the machine's own apt configuration names, and verifies it with the
Debian archive keyring.
"""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from dev import paths, say, system

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SUITES = re.compile(
    r"(bookworm|trixie|forky|duke|bullseye|stable|oldstable|testing|unstable|sid)/?$"
)


def mirror(etc: Path = Path("/etc/apt")) -> str:
    """Address of the Debian mirror in apt's configuration (one-line and deb822 formats)."""
    if os.environ.get("DEBIAN_MIRROR"):
        return os.environ["DEBIAN_MIRROR"]
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for file in files:
        if file.suffix == ".list" and file.is_file():
            entries = _one_line_entries(file.read_text(errors="replace"))
        elif file.suffix == ".sources" and file.is_file():
            entries = _deb822_entries(file.read_text(errors="replace"))
        else:
            continue
        for uri, suite, components in entries:
            if _SUITES.match(suite) and "main" in components and not uri.startswith("cdrom:"):
                return uri
    raise say.Stop(
        "apt's configuration names no Debian mirror to get Odoo from: set DEBIAN_MIRROR to the "
        "address of one, or ODOO_SOURCE to an Odoo 19 checkout."
    )


def certificates() -> Path | None:
    """Certificates of the web, from Debian, for a machine that has none; None where it has."""
    named = any(map(os.environ.get, ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")))
    if named or Path("/etc/ssl/certs/ca-certificates.crt").exists():
        return None

    def bundle(folder):
        files = sorted((folder / "usr/share/ca-certificates/mozilla").glob("*.crt"))
        (folder / "bundle.crt").write_text("".join(file.read_text() for file in files))

    return (
        unpack("certificates", ["ca-certificates"], suite="bookworm", finish=bundle) / "bundle.crt"
    )


def _one_line_entries(text: str):
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[[^]]*\]\s*)?(\S+)\s+(\S+)\s+([^#]*)", line.strip())
        if found:
            yield found[1], found[2], found[3].split()


def _deb822_entries(text: str):
    text = re.sub(r"(?m)^#.*\n?", "", text)
    for stanza in re.split(r"\n\s*\n", text):
        fields = {
            name.lower(): value.split()
            for name, value in re.findall(r"(?m)^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza)
        }
        if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
            for uri in fields.get("uris", []):
                for suite in fields.get("suites", []):
                    yield uri, suite, fields.get("components", [])


def unpack(name: str, packages: list, suite: str = "unstable", finish=None) -> Path:
    """Folder of the cache with these packages unpacked, fetched when it is not there yet.

    ``finish(folder)`` may complete it before it counts as done.
    """
    target = paths.CACHE / name
    marker = target / ".complete"
    if marker.exists():
        return target
    with system.lock(paths.CACHE / "lock", "Waiting for another clone that is downloading"):
        if marker.exists():
            return target
        for program in ("apt-get", "dpkg", "gpgv"):
            if not shutil.which(program):
                raise say.Stop(
                    f"{program} is missing, which fetches Odoo from Debian: install it, or set "
                    "ODOO_SOURCE to an Odoo 19 checkout."
                )
        if not KEYRING.exists():
            raise say.Stop(
                f"{KEYRING}, which verifies the download, is missing: apt-get install "
                "debian-archive-keyring."
            )
        versions = _download(packages, suite)
        unpacked = target.with_name(f"{name}.partial")
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        for package in packages:
            say.step(f"Unpacking {package} {versions[package][0]}")
            system.run(["dpkg", "-x", versions[package][1], unpacked], f"unpack {package}")
        if finish:
            finish(unpacked)
        (unpacked / ".complete").write_text(
            json.dumps({package: version for package, (version, _file) in versions.items()})
        )
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)
        for _version, file in versions.values():
            file.unlink()
    return target


def _download(packages: list, suite: str) -> dict:
    """{package: (version, file)}, each verified by apt; goes on with what is half there."""
    state, debs = paths.CACHE / "apt" / suite, paths.CACHE / "debs" / suite
    for folder in (state / "lists" / "partial", state / "cache" / "archives" / "partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    source = state / "sources.list"
    source.write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
    options = {
        "Dir::State": state,
        "Dir::State::status": "/dev/null",
        "Dir::Cache": state / "cache",
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "",
        "APT::Get::List-Cleanup": "false",
        "APT::Update::Error-Mode": "any",
    }
    apt = ["apt-get", "-q", *(word for o, v in options.items() for word in ("-o", f"{o}={v}"))]
    say.step(f"Reading the package list of Debian {suite}")
    system.run([*apt, "update"], f"read the package list of Debian {suite}")
    listing = system.run(
        [*apt, "download", "--print-uris", *packages], "find Odoo in Debian", cwd=debs
    )
    wanted, sizes, hashes = {}, {}, {}
    for name, size, sha256 in re.findall(r"^'\S+' (\S+) (\d+) SHA256:(\w+)", listing, re.M):
        package, version, _architecture = name.split("_")
        file = debs / name
        wanted[package] = (version.replace("%3a", ":"), file)
        sizes[file], hashes[file] = int(size), sha256
    total = sum(sizes.values())
    system.need_space(paths.CACHE, 13 * total // 1_000_000 + 50)
    for file in filter(Path.exists, sizes):
        # apt goes on with a part but takes a file of full size as it is.
        if file.stat().st_size >= sizes[file] and not _is_right(file, hashes[file]):
            file.unlink()

    def how_far():
        here = sum(p.stat().st_size for p in debs.rglob("*.deb") if p.is_file())
        say.progress(f"{here // 1_000_000} of {total // 1_000_000} MB")

    say.step(f"Downloading {', '.join(packages)} ({total // 1_000_000} MB)")
    system.run([*apt, "download", *packages], f"download {packages[0]}", watch=how_far, cwd=debs)
    for file, sha256 in hashes.items():
        if not _is_right(file, sha256):
            file.unlink(missing_ok=True)
            raise say.Stop(
                f"{file.name} was damaged on its way and removed: run the same command again."
            )
    return wanted


def _is_right(file: Path, sha256: str) -> bool:
    """Whether a file is the one that the signed package list names."""
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256
