import base64
import os
import tempfile
import time
from datetime import date
from pathlib import Path
from unittest import mock

from stdnum.cn import ric

from odoo.tests import BaseCase, tagged

from ..tools import identity

TODAY = date(2026, 1, 1)
KEYS = (b"1" * 32, b"2" * 32, b"3" * 32)


def make_number(serial, born="19700101"):
    """An identity number with a right check character, of a place that does not exist."""
    number = f"990000{born}{serial:03}"
    return number + ric.calc_check_digit(f"{number}0")


@tagged("post_install", "-at_install", "union_assist")
class TestIdentityTool(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "keys"

    def keys_of(self, text, mode=0o600):
        self.path.write_text(text)
        self.path.chmod(mode)
        return identity.load_keys(str(self.path))

    def test_normal_form(self):
        wanted = make_number(1)
        spaced = f" {wanted[:6]} {wanted[6:14]}-{wanted[14:].lower()}\u3000"
        full_width = wanted.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
        for text in (wanted, spaced, full_width):
            self.assertEqual(identity.check(text, TODAY), wanted)

    def test_check_character_of_the_standard(self):
        # The example of GB 11643-1999: 11010519491231002X.
        self.assertTrue(identity.check("11010519491231002X", TODAY))
        for wrong in "0123456789":
            with self.assertRaises(identity.IdentityNumberError) as caught:
                identity.check(f"11010519491231002{wrong}", TODAY)
            self.assertEqual(caught.exception.reason, "check")

    def test_what_is_no_number(self):
        right = make_number(2)
        for text, reason in (
            ("", "length"),
            (None, "length"),
            (right[:-1], "length"),
            ("1" * 15, "old"),
            (f"A{right[1:]}", "characters"),
            (f"{right[:-1]}Y", "characters"),
            (make_number(2, "19700230"), "date"),
            (make_number(2, "20260102"), "date"),
            (make_number(2, "17990101"), "date"),
        ):
            with self.subTest(text), self.assertRaises(identity.IdentityNumberError) as caught:
                identity.check(text, TODAY)
            self.assertEqual(caught.exception.reason, reason)
            if text:
                self.assertNotIn(text, str(caught.exception))

    def test_fingerprint_depends_on_number_and_key(self):
        number, other = make_number(1), make_number(2)
        made = identity.fingerprint(number, KEYS[:1])
        self.assertEqual(made, identity.fingerprint(number, KEYS[:1]))
        self.assertNotEqual(made, identity.fingerprint(other, KEYS[:1]))
        self.assertNotEqual(made, identity.fingerprint(number, KEYS[1:2]))
        self.assertEqual(len(made), 64)

    def test_advancing_needs_no_number(self):
        number = make_number(1)
        made = identity.fingerprints(number, KEYS)
        self.assertEqual(len(set(made)), 3)
        for version in (1, 2, 3):
            self.assertEqual(made[version - 1], identity.fingerprint(number, KEYS[:version]))
            self.assertEqual(identity.advance(made[version - 1], version, KEYS), made[-1])
        for version in (0, 4):
            with self.assertRaises(ValueError):
                identity.advance(made[0], version, KEYS)

    def test_80_000_fingerprints_take_seconds(self):
        started = time.monotonic()
        made = [identity.fingerprint(f"{number:018}", KEYS[:1]) for number in range(80_000)]
        advanced = {identity.advance(value, 1, KEYS) for value in made}
        self.assertEqual(len(advanced), 80_000)
        self.assertLess(time.monotonic() - started, 10)

    def test_key_file(self):
        text = f"# first\n{KEYS[0].hex()}\n\n{base64.b64encode(KEYS[1]).decode()}\n"
        self.assertEqual(self.keys_of(text), KEYS[:2])
        self.assertEqual(self.keys_of(text, 0o640), KEYS[:2])
        with mock.patch.dict(os.environ, {identity.KEY_FILE_VARIABLE: str(self.path)}):
            self.assertEqual(identity.load_keys(), KEYS[:2])

    def test_unusable_key_files(self):
        good = KEYS[0].hex()
        for text, mode, reason, line in (
            (good, 0o604, "open", 0),
            ("# none\n", 0o600, "empty", 0),
            (f"{good}\nno key!\n", 0o600, "line", 2),
            (f"{good}\n{'ab' * 31}\n", 0o600, "short", 2),
            ("钥匙", 0o600, "unreadable", 0),
        ):
            with self.subTest(reason), self.assertRaises(identity.KeyFileError) as caught:
                self.keys_of(text, mode)
            self.assertEqual((caught.exception.reason, caught.exception.line), (reason, line))
            self.assertNotIn(good, str(caught.exception))
        self.path.unlink()
        with self.assertRaises(identity.KeyFileError) as caught:
            identity.load_keys(str(self.path))
        self.assertEqual(caught.exception.reason, "missing")
        with mock.patch.dict(os.environ):
            os.environ.pop(identity.KEY_FILE_VARIABLE, None)
            with self.assertRaises(identity.KeyFileError) as caught:
                identity.load_keys()
        self.assertEqual(caught.exception.reason, "unset")

    def test_a_mark_tells_keys_apart(self):
        self.assertEqual(len({identity.key_mark(key) for key in KEYS}), 3)
        self.assertNotIn(identity.key_mark(KEYS[0]), KEYS[0].hex())
