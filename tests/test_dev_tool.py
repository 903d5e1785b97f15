"""The project's own tool: what it decides without a network, a database or Odoo."""

import os
import signal
import socket
import subprocess
import sys
import textwrap

import pytest

from dev import debian, demo, identity, odoo, paths, postgres, say, system

OLD = """\
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/key.gpg] http://mirror.example/debian/ bookworm main
"""
NEW = """\
# The official sources
Types: deb deb-src
# a comment amid the fields
URIs: mirror+file:///etc/apt/mirrors/debian.list
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
DISABLED = """\
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main
Enabled: no
"""
OTHER = """\
Types: deb
URIs: https://packages.example/node
Suites: nodistro
Components: main
"""


def apt_configuration(folder, **files):
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        place = folder if name == "sources_list" else folder / "sources.list.d"
        (place / name.replace("_", ".")).write_text(text)
    return folder


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in (
        "ODOO_SOURCE",
        "DEBIAN_MIRROR",
        "PGHOST",
        "PGUSER",
        "PGPORT",
        "PGPASSWORD",
        "PORT",
        identity.VARIABLE,
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sources_list": OLD}, "http://mirror.example/debian/"),
        ({"debian_sources": NEW}, "mirror+file:///etc/apt/mirrors/debian.list"),
        (
            {"a_sources": OTHER, "b_sources": f"{DISABLED}\n{NEW}"},
            "mirror+file:///etc/apt/mirrors/debian.list",
        ),
    ],
)
def test_mirror_is_the_one_of_the_machine(tmp_path, files, expected):
    assert debian.mirror(apt_configuration(tmp_path, **files)) == expected


def test_no_debian_mirror_says_what_to_do(tmp_path, monkeypatch):
    etc = apt_configuration(tmp_path, a_sources=OTHER, b_sources=DISABLED)
    with pytest.raises(say.Stop, match="DEBIAN_MIRROR"):
        debian.mirror(etc)
    monkeypatch.setenv("DEBIAN_MIRROR", "http://named.example/debian")
    assert debian.mirror(etc) == "http://named.example/debian"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("tar: write error: No space left on device\nE: unpacking failed", "disk is full"),
        (
            "W: GPG error: http://m.example unstable InRelease: NO_PUBKEY 0E98\nE: x",
            "valid signature",
        ),
        ("Err:1 Temporary failure resolving 'm.example'\nE: Failed to fetch", "network"),
        ("E: Release file for http://m/InRelease is expired (invalid since 16d)", "has expired"),
        ("SSLError(CERTIFICATE_VERIFY_FAILED)\nERROR: No matching distribution", "not trusted"),
        ("reading\nE: Unable to locate package odoo-19\n\n", "E: Unable to locate package odoo-19"),
        ("2026 INFO db x: loaded\n2026 CRITICAL db x: broken\n2026 INFO db x: bye", "x: broken"),
        ("", "no output"),
    ],
)
def test_a_failure_becomes_one_sentence(output, expected):
    assert expected in system.cause(output)
    assert "\n" not in system.cause(output)


def test_a_failing_program_is_a_stop_that_names_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "LOGS", tmp_path)
    with pytest.raises(say.Stop, match=r"could not count: E: broken .*setup\.log"):
        system.run(["sh", "-c", "echo one; echo 'E: broken' >&2; exit 3"], "count")
    assert (tmp_path / "setup.log").read_text() == "one\nE: broken\n"
    with pytest.raises(say.Stop, match="no-such-program is missing"):
        system.run(["no-such-program"], "count")


def test_more_space_than_there_is_is_refused(tmp_path):
    system.need_space(tmp_path / "not" / "there", 1)
    with pytest.raises(say.Stop, match="free some space"):
        system.need_space(tmp_path, 10**12)


def test_fingerprint_follows_names_and_contents(tmp_path):
    (tmp_path / "a.py").write_text("1")
    before = system.fingerprint(tmp_path)
    parts_before = system.fingerprint(*tmp_path.iterdir())
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    assert system.fingerprint(tmp_path) == before
    assert system.fingerprint(*sorted(tmp_path.iterdir(), reverse=True)) == parts_before
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    renamed = system.fingerprint(tmp_path)
    (tmp_path / "b.py").write_text("2")
    assert len({before, renamed, system.fingerprint(tmp_path)}) == 3


def test_lock_is_free_again_after_kill(tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib\nfrom dev import system\n"
            "with system.lock(pathlib.Path(sys.argv[1]), ''):\n"
            "    print('held', flush=True); time.sleep(60)",
            tmp_path / "lock",
        ],
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with system.lock(tmp_path / "lock", "waiting"), system.lock(tmp_path / "lock", "waiting"):
        pass


def test_a_process_is_told_from_a_later_one_with_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "PROCESS", tmp_path / "odoo.process")
    assert not demo._serving()
    record = f'{{"pid": {os.getpid()}, "started": "%s", "port": 8069}}'
    demo.PROCESS.write_text(record % system.started(os.getpid()))
    assert demo._serving()["port"] == 8069
    demo.PROCESS.write_text(record % "another boot:1")
    assert not demo._serving()
    demo.PROCESS.write_text("{")  # killed while writing
    assert not demo._serving()


def test_ended_processes_are_not_alive():
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not system.started(child.pid)
    child.wait()
    assert not system.started(child.pid)


def make_odoo(folder, version="19", layout="checkout"):
    base = folder / "odoo" / "addons" / "base"
    web = folder / ("addons" if layout == "checkout" else "odoo/addons") / "web"
    for addon in (base, web):
        addon.mkdir(parents=True)
        (addon / "__manifest__.py").write_text("{}")
    (folder / "odoo" / "release.py").write_text(f"version_info = ({version}, 0, 0, FINAL, 0, '')\n")


@pytest.mark.parametrize("layout", ["checkout", "debian"])
def test_odoo_source_may_be_a_checkout_or_an_unpacked_package(tmp_path, monkeypatch, layout):
    inside = tmp_path if layout == "checkout" else tmp_path / "usr/lib/python3/dist-packages"
    make_odoo(inside, layout=layout)
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    assert odoo.source() == inside
    places = ["odoo/addons", "addons"] if layout == "checkout" else ["odoo/addons"]
    assert odoo._addons_folders(inside) == [inside / place for place in places]


def test_a_wrong_odoo_source_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    with pytest.raises(say.Stop, match="is no Odoo"):
        odoo.source()
    make_odoo(tmp_path, version="18")
    with pytest.raises(say.Stop, match="is Odoo 18: 19 is needed"):
        odoo.source()


def test_the_database_user_postgres_is_refused(monkeypatch):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(say.Stop, match="set PGUSER"):
        postgres.start()


def test_a_long_path_does_not_make_a_socket_too_long(monkeypatch):
    monkeypatch.setattr(postgres, "FOLDER", paths.ROOT / ("deep/" * 30))
    assert len(f"{postgres._socket_folder()}/.s.PGSQL.5432") < 107


def test_copies_share_files_and_replace_what_was_there(tmp_path):
    (tmp_path / "one" / "ab").mkdir(parents=True)
    (tmp_path / "one" / "ab" / "file").write_text("x")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "stale").write_text("y")
    system.copy_linked(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two" / "ab" / "file").samefile(tmp_path / "one" / "ab" / "file")
    assert not (tmp_path / "two" / "stale").exists()


def command_line(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "dev", *arguments],
        cwd=paths.ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = command_line("run", PORT=str(port))
    assert said.returncode == 1
    assert said.stderr.startswith(f"error: port {port} cannot be used")
    assert said.stderr.endswith(f"make run PORT={port + 1}\n")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["web", "0", "65536"])
def test_what_is_no_port_is_refused(port):
    said = command_line("run", PORT=port)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert f"PORT={port} is no port" in said.stderr


def test_an_unsupported_python_is_one_line():
    script = textwrap.dedent(
        """
        import runpy, shutil, sys
        sys.version_info = (3, 9, 2, "final", 0)
        shutil.which = lambda name: None
        runpy.run_module("dev", run_name="__main__")
        """
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert said.stderr.startswith("error: Odoo 19 needs Python 3.10 to 3.13 and this is 3.9")
    assert said.stderr.count("\n") == 1


def test_a_clone_has_one_key_file_of_its_own(monkeypatch, tmp_path):
    file = tmp_path / ".dev" / "identity_keys"
    monkeypatch.setattr(identity, "FILE", file)
    assert identity.key_file() == str(file)
    text = file.read_text()
    assert len(bytes.fromhex(text.splitlines()[-1])) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    identity.key_file()
    assert file.read_text() == text
    assert os.listdir(file.parent) == [file.name]
    monkeypatch.setenv(identity.VARIABLE, "/elsewhere/keys")
    assert identity.key_file() == "/elsewhere/keys"
