import os
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import reportlab

from odoo.tests import BaseCase, tagged

from ..tools import fonts


@tagged("post_install", "-at_install", "union_assist")
class TestFonts(BaseCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.chinese = next(iter(fonts.find_fonts(fonts.font_folders())))

    def _own_folder(self):
        return patch.dict(os.environ, {fonts.FONT_DIR_VARIABLE: str(self.folder)})

    def test_font_of_this_machine(self):
        names = fonts.load_fonts()
        self.assertEqual(names[0], "UnionAssist")
        self.assertIs(fonts.load_fonts(), names, "the font is loaded once")

    def test_own_folder_comes_first(self):
        """A font of any name in the folder that the environment names goes before all."""
        font = self.folder / "deep" / f"house{self.chinese.suffix}"
        font.parent.mkdir()
        shutil.copy(self.chinese, font)
        with self._own_folder():
            self.assertEqual(next(iter(fonts.find_fonts(fonts.font_folders()))), font)

    def test_none_found(self):
        """Fonts without Chinese glyphs and files that are no fonts do not serve."""
        vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
        shutil.copy(vera, self.folder)
        (self.folder / "wqy-microhei.ttc").write_bytes(b"not a font")
        with (
            self._own_folder(),
            patch.object(fonts, "_SYSTEM_FOLDERS", ()),
            self.assertRaises(fonts.FontNotFoundError) as failure,
        ):
            fonts.load_fonts.__wrapped__()
        self.assertEqual(failure.exception.folders, [str(self.folder)])
        self.assertIn(str(self.folder), str(failure.exception))
