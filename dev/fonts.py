"""A Chinese TrueType font that the printed notes can embed."""

import os
from pathlib import Path

from dev import debian, say

PACKAGE = "fonts-wqy-microhei"
_SYSTEM = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf",
)


def folder() -> Path:
    """Folder with the font: the one named by the person, the machine's, else one in the cache."""
    named = os.environ.get("UNION_ASSIST_FONT_DIR")
    if named:
        if not any(Path(named).glob("*.tt[cf]")):
            raise say.Stop(f"UNION_ASSIST_FONT_DIR={named} holds no TrueType font (*.ttf, *.ttc).")
        return Path(named).resolve()
    for file in _SYSTEM:
        if Path(file).exists():
            return Path(file).parent
    return debian.unpack("fonts", [PACKAGE]) / "usr/share/fonts/truetype/wqy"
