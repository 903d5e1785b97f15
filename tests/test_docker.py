"""What `docker/` can be held to without a Docker engine.

Parsing, schema and paths always; the proxy's own configuration test, and Odoo with workers behind
a real nginx with that very configuration, where nginx is installed.
"""

import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import compose_spec
import pytest
import websocket

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")

needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


def interpolated(path, **environment):
    """Text of a compose file with its ${VARIABLE:-default} put in; a required one must be given."""

    def value(match):
        name, operator, default = match.groups()
        if environment.get(name) or operator == ":-":
            return environment.get(name) or default
        raise KeyError(name)

    return re.sub(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}", value, path.read_text())


def parse(text):
    """Parse by the compose specification: unknown keys, wrong types and dangling names raise."""
    options = compose_spec.PyOptions()
    options.apply_merge = True
    compose = options.from_yaml(text)
    compose.validate()
    compose.validate_secrets()
    compose.validate_volumes()
    return compose.to_dict()


@pytest.fixture(scope="module")
def compose():
    """compose.yaml as a dictionary."""
    return parse(interpolated(COMPOSE))


# -- compose file ---------------------------------------------------------------------------------


def test_compose_follows_the_specification(compose):
    assert set(compose["services"]) == {"db", "init", "odoo", "proxy"}
    odoo = compose["services"]["odoo"]
    assert odoo["depends_on"]["init"]["condition"] == "service_completed_successfully"
    assert odoo["depends_on"]["db"]["condition"] == "service_healthy"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("restart: unless-stopped", "restrat: unless-stopped"),
        ("secrets: [db_password]", "secrets: [no_such_secret]"),
        ("- filestore:", "- no-such-volume:"),
        ("service_healthy", "service_well"),
    ],
)
def test_the_check_of_the_compose_file_can_fail(right, wrong):
    text = interpolated(COMPOSE)
    assert right in text
    with pytest.raises(ValueError, match=r"\w"):
        parse(text.replace(right, wrong))


def test_tls_needs_a_certificate_and_a_key():
    tls = DOCKER / "compose.tls.yaml"
    with pytest.raises(KeyError, match="TLS_CERTIFICATE"):
        interpolated(tls)
    text = interpolated(tls, TLS_CERTIFICATE="/tls/chain.pem", TLS_KEY="/tls/key.pem")
    # "!override" is a tag of the merge, not of the schema.
    assert set(parse(text.replace("!override", ""))["secrets"]) == {"tls_certificate", "tls_key"}


def test_only_the_proxy_is_reachable_from_outside(compose):
    assert [name for name, service in compose["services"].items() if service.get("ports")] == [
        "proxy"
    ]


def test_no_secret_has_a_default():
    names = re.findall(r"environment: (\w+)$", COMPOSE.read_text(), re.MULTILINE)
    assert names == ["DB_PASSWORD", "ADMIN_PASSWORD"]
    example = (DOCKER / ".env.example").read_text().splitlines()
    for name in names:
        assert f"{name}=" in example
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/docker/.env" in ignored


def test_mounted_files_exist(compose):
    volumes = [v for service in compose["services"].values() for v in service.get("volumes", [])]
    sources = [v["source"] if isinstance(v, dict) else v.split(":")[0] for v in volumes]
    files = [source for source in sources if source.startswith("./")]
    assert files
    assert [name for name in files if not (DOCKER / name).is_file()] == []


# -- image ----------------------------------------------------------------------------------------


def instructions():
    """Instructions of the Dockerfile as lists of words."""
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line.split() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def test_the_image_copies_what_exists_and_its_context_admits_it():
    admitted = [
        line[1:]
        for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    sources = [
        source
        for words in instructions()
        if words[0] == "COPY" and not words[1].startswith("--from")
        for source in words[1:-1]
    ]
    assert {"requirements.txt", "odoo.conf", "addons", "dev"} <= set(sources)
    assert sorted(sources) == sorted(admitted)
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_takes_over_the_projects_own_setup():
    text = (DOCKER / "Dockerfile").read_text()
    assert "pip install" not in text, "requirements.txt is installed by the project's tool"
    assert "ODOO_RC=/opt/union-assist/odoo.conf" in text
    final = instructions()[::-1]
    users = [words[1] for words in final if words[0] == "USER"]
    assert users
    assert users[0] not in ("root", "0")


def test_scripts_are_executable_and_parse():
    for name in ("entrypoint.sh", "init.sh", "odoo-bin"):
        assert os.access(DOCKER / name, os.X_OK), f"{name} is not executable"
        if name.endswith(".sh"):
            subprocess.run(["sh", "-n", DOCKER / name], check=True)


def test_the_keys_of_identity_numbers_are_made_once_and_lie_apart(compose, tmp_path):
    text = (DOCKER / "Dockerfile").read_text()
    name = re.search(r"UNION_ASSIST_IDENTITY_KEY_FILE=(\S+)", text)[1]
    for service in ("init", "odoo"):
        volumes = [str(volume) for volume in compose["services"][service]["volumes"]]
        mounted = [volume for volume in volumes if str(Path(name).parent) in volume]
        assert len(mounted) == 1, service
        assert "identity-keys" in mounted[0]
    file = tmp_path / "identity_keys"
    # The database cannot be reached: what comes before it is done all the same.
    environment = {
        **os.environ,
        "UNION_ASSIST_IDENTITY_KEY_FILE": str(file),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PGDATABASE": "union_assist",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(free_port()),
    }
    found = []
    for _start in range(2):
        done = subprocess.run(
            ["sh", DOCKER / "init.sh"], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert done.returncode
        found.append(file.read_text())
        assert file.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\n", found[0])
    assert found[0] == found[1]


# -- reverse proxy --------------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx_prefix(folder, listen, http_port, websocket_port):
    """Write nginx.conf of `docker/` into a folder, with the addresses of this test in it."""
    text = (DOCKER / "nginx.conf").read_text()
    for old, new in (
        ("server odoo:8069;", f"server 127.0.0.1:{http_port};"),
        ("server odoo:8072;", f"server 127.0.0.1:{websocket_port};"),
        ("listen 80;", f"listen 127.0.0.1:{listen};"),
        ("/var/cache/nginx/", f"{folder}/cache/"),
        ("/etc/nginx/union-assist/", f"{folder}/include/"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "cache").mkdir()
    (folder / "include").mkdir()
    (folder / "site.conf").write_text(text)
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"daemon off;\nevents {{}}\nhttp {{\n    access_log off;\n{temporary}"
        f"    include {folder}/site.conf;\n}}\n"
    )
    if os.geteuid() == 0:
        # Workers of nginx run as nobody otherwise, and the folder of a test is its owner's alone.
        conf = folder / "nginx.conf"
        conf.write_text("user root;\n" + conf.read_text())
    return [NGINX, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


@needs_nginx
def test_nginx_accepts_its_configuration(tmp_path):
    command = nginx_prefix(tmp_path, free_port(), 8069, 8072)
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@needs_nginx
def test_nginx_accepts_the_tls_configuration(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        + ["-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "tls.pem"],
        check=True,
        capture_output=True,
    )
    command = nginx_prefix(tmp_path, free_port(), 8069, 8072)
    text = (DOCKER / "nginx-tls.conf").read_text()
    text = text.replace("/run/secrets/tls_certificate", f"{tmp_path}/tls.pem")
    text = text.replace("/run/secrets/tls_key", f"{tmp_path}/key.pem")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{free_port()} ssl;")
    (tmp_path / "include" / "tls.conf").write_text(text)
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def running(command, log, **kwargs):
    """Run a command in the background for the length of the block."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **kwargs)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


class Site:
    """Odoo with workers behind nginx, both as compose.yaml and nginx.conf have them."""

    def __init__(self, port):
        self.host = f"127.0.0.1:{port}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), NoRedirect
        )

    def get(self, path, data=None, **headers):
        """Answer to a GET, with data to a POST; an error or a redirect is an answer too."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://{self.host}{path}", data, headers)
        try:
            return self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as answer:
            return answer


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Show redirects instead of following them."""

    def redirect_request(self, *args):
        return None


def wait_until(condition, processes, logs, seconds=240):
    """Wait for a condition; a process that ends meanwhile fails the test with its log."""
    end = time.monotonic() + seconds
    while not condition():
        died = [process for process in processes if process.poll() is not None]
        if died or time.monotonic() > end:
            pytest.fail("\n".join(log.read_text()[-3000:] for log in logs))
        time.sleep(0.3)


@pytest.fixture(scope="module")
def site(compose, database, tmp_path_factory):
    """The running pair; the options of Odoo are those of compose.yaml."""
    if not NGINX:
        pytest.skip("nginx is not installed")
    from odoo.tools import config  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("proxy")
    listen, http_port, websocket_port = free_port(), free_port(), free_port()
    odoo = [sys.executable, str(DOCKER / "odoo-bin"), "-c", str(ROOT / "odoo.conf")]
    odoo += ["--addons-path", ",".join(config["addons_path"]), "--data-dir", config["data_dir"]]
    odoo += [f"--{name}={config[name]}" for name in ("db_host", "db_port", "db_user")]
    odoo += compose["services"]["odoo"]["command"]
    # Later options win: the ports of this test, and fewer workers.
    odoo += [f"--http-port={http_port}", f"--gevent-port={websocket_port}", "--workers=2"]
    odoo += ["--http-interface=127.0.0.1", "--max-cron-threads=0", "-d", database]
    nginx = nginx_prefix(folder, listen, http_port, websocket_port)
    logs = [folder / "odoo.log", folder / "nginx.log"]
    environment = {**os.environ, "PGPASSWORD": config["db_password"] or ""}
    with (
        running(odoo, logs[0], env=environment) as odoo_process,
        running(nginx, logs[1]) as nginx_process,
    ):
        result = Site(listen)
        processes = [odoo_process, nginx_process]

        def answers():
            try:
                return (
                    result.get("/web/health").status == 200
                    and result.get("/websocket/health").status == 200
                )
            except OSError:
                return False

        wait_until(answers, processes, logs)
        yield result
        assert [process.poll() for process in processes] == [None, None]


def test_login_page_comes_through_the_proxy(site):
    answer = site.get("/web/login")
    assert answer.status == 200
    assert 'name="password"' in answer.read().decode()


def test_health_check_of_the_image_answers(site):
    assert json.load(site.get("/web/health")) == {"status": "pass"}


def test_static_files_are_cached_and_packed(site):
    path = "/web/static/img/logo.png"
    first, second = site.get(path), site.get(path)
    assert (first.status, second.status) == (200, 200)
    assert first.headers["X-Cache"] in ("MISS", "EXPIRED")
    assert second.headers["X-Cache"] == "HIT"
    assert "max-age" in second.headers["Cache-Control"]
    login = site.get("/web/login").read().decode()
    style = re.search(r'href="(/web/assets/[^"]+\.css)"', login).group(1)
    answers = [site.get(style, Accept_Encoding="gzip") for _ in range(2)]
    assert answers[1].headers["X-Cache"] == "HIT"
    assert answers[1].headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in answers[1].headers


def test_pages_of_a_user_are_not_cached(site):
    assert site.get("/web/login").headers["X-Cache"] is None


def test_forwarded_host_and_protocol_are_honoured(site, registry):
    """Odoo takes its public address, which links in mails and QR codes carry, from the login."""
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    headers = {"Host": "assist.example.org", "X_Forwarded_Proto": "https"}
    page = site.get("/web/login", **headers).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    form = {"login": "admin", "password": "admin", "csrf_token": token}
    answer = site.get("/web/login", data=urllib.parse.urlencode(form).encode(), **headers)
    assert answer.status == 303, "the login was refused"
    with registry.cursor() as cr:
        parameters = api.Environment(cr, SUPERUSER_ID, {})["ir.config_parameter"]
        assert parameters.get_param("web.base.url") == "https://assist.example.org"


def test_websocket_delivers_a_notification(site, registry):
    """The handshake through /websocket, and a message that Odoo sends over it."""
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    site.get("/web/login")
    cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in site.cookies)
    connection = websocket.create_connection(
        f"ws://{site.host}/websocket",
        origin=f"http://{site.host}",
        cookie=cookie,
        timeout=30,
    )
    try:
        assert connection.getstatus() == 101
        subscribe = {"channels": ["broadcast"], "last": 0}
        connection.send(json.dumps({"event_name": "subscribe", "data": subscribe}))
        text = f"from test {os.getpid()}"
        messages = []
        for _ in range(10):
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["bus.bus"]._sendone("broadcast", "union_assist_test", text)
            connection.settimeout(3)
            with contextlib.suppress(websocket.WebSocketTimeoutException):
                messages += json.loads(connection.recv())
                break
        assert any(m["message"]["payload"] == text for m in messages), messages
    finally:
        connection.close()
