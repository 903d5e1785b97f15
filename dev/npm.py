"""Files that Debian's Odoo package lacks and npm has: Font Awesome 4.7 and one script."""

import base64
import configparser
import hashlib
import io
import os
import shutil
import ssl
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from dev import debian, paths, say, system

FONT_AWESOME = (
    "font-awesome",
    "4.7.0",
    "sha512-U6kGnykA/6bFmg1M/oT9EkFeIYv7JlX3bozwQJWiiLz6L0w3F5vBVPxHlwyX/vtNq1ckcpRKOB9f2Qal/VtFpg==",
)
SELFIE = (
    "@mediapipe/selfie_segmentation",
    "0.1.1675465747",
    "sha512-IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvEGaY3o9hslhUrx9BgseqdfZtKSDtd/4NfCSMjNzQalA==",
)
# Blurs the background of video calls; a page only needs the name to exist to load without an error.
_SELFIE_STAND_IN = """\
/* Stand-in for @mediapipe/selfie_segmentation: video calls run without background blur. */
window.SelfieSegmentation = class SelfieSegmentation {
    setOptions() {}
    onResults() {}
    async send() {}
    reset() {}
};
"""


def complete(tree: Path):
    """Put the missing files into an unpacked Debian tree of Odoo."""
    addons = tree / "usr/lib/python3/dist-packages/odoo/addons"
    say.step("Adding Font Awesome 4.7 and the script for video calls")
    package = _package(*FONT_AWESOME)
    if package:
        fonts = {
            name.rpartition("/")[2]: data for name, data in package.items() if "/fonts/" in name
        }
    else:  # Debian 12 has the same files
        folder = debian.unpack("font-awesome", ["fonts-font-awesome"], suite="bookworm")
        fonts = {
            file.name: file.read_bytes()
            for file in (folder / "usr/share/fonts-font-awesome/fonts").iterdir()
        }
    for place in ("web/static/lib/fontawesome/fonts", "web/static/src/libs/fontawesome/fonts"):
        for link in (addons / place).iterdir():
            if link.name in fonts:  # Debian links them to files that its package no longer has
                link.unlink()
                link.write_bytes(fonts[link.name])
    package = _package(*SELFIE)
    if not package:
        say.warn("npm cannot be reached: video calls will have no background blur.")
    script = addons / "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_bytes(
        package["package/selfie_segmentation.js"] if package else _SELFIE_STAND_IN.encode()
    )


def _package(name: str, version: str, integrity: str) -> dict:
    """{path: contents} of an npm package whose integrity is right; {} when it cannot be had."""
    with tempfile.TemporaryDirectory(dir=paths.CACHE) as folder:
        try:
            if shutil.which("npm"):
                system.run(
                    ["npm", "pack", "--silent", f"{name}@{version}"],
                    f"get {name} with npm",
                    cwd=folder,
                )
                data = next(Path(folder).glob("*.tgz")).read_bytes()
            elif _registry():
                address = f"{_registry()}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
                tls = ssl.create_default_context(cafile=debian.certificates())
                with urllib.request.urlopen(address, timeout=60, context=tls) as answer:
                    data = answer.read()
            else:
                return {}
        except (say.Stop, OSError, StopIteration):
            return {}
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != integrity:
        raise say.Stop(
            f"{name} {version} from npm is not the file it should be ({found[:20]}…): check the "
            "registry that npm is configured for, and run the same command again."
        )
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}


def _registry() -> str:
    """The registry that the environment or ~/.npmrc names; "" when neither does."""
    address = os.environ.get("NPM_CONFIG_REGISTRY") or os.environ.get("npm_config_registry")  # noqa: SIM112
    if not address:
        settings = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
        npmrc = Path.home() / ".npmrc"
        settings.read_string("[npm]\n" + (npmrc.read_text() if npmrc.exists() else ""))
        address = settings.get("npm", "registry", fallback="")
    return (address or "").rstrip("/")
