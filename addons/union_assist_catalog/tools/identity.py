"""Resident identity numbers: checked, and turned into a keyed fingerprint; never kept.

There are few enough identity numbers that a plain hash of one can be undone by trying all of
them. The fingerprint is therefore keyed (HMAC-SHA256), and the keys lie in a file outside the
database, one a line, oldest first. With the keys k1 … kn the fingerprint of version n is
HMAC(kn, … HMAC(k1, number)): adding a key lets every stored fingerprint be advanced to the next
version without knowing a single number.

Nothing here puts a number into an error or a log.
"""

import base64
import binascii
import datetime
import hashlib
import hmac
import os
import re
import stat
import unicodedata
from pathlib import Path

from stdnum.cn import ric

#: Environment variable that names the file with the keys.
KEY_FILE_VARIABLE = "UNION_ASSIST_IDENTITY_KEY_FILE"

#: Shortest key, in bytes: the length of the hash.
KEY_BYTES = 32

_FIRST_YEAR = 1880  # nobody who was born earlier was ever given a number


class IdentityNumberError(ValueError):
    """A text is no identity number; ``reason`` is length, old, characters, date or check."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class KeyFileError(LookupError):
    """The keys cannot be used.

    ``reason`` is unset, missing, unreadable, open (to everybody), empty, line (not a key) or
    short; ``path`` is the file's and ``line`` the number of the line concerned, else 0.
    """

    def __init__(self, reason, path="", line=0):
        super().__init__(f"{reason}: {path}:{line}")
        self.reason = reason
        self.path = str(path)
        self.line = line


def normalise(number):
    """Return a number without spaces and separators, in half-width characters and capitals."""
    if number and number.isascii() and number.isalnum():
        return number.upper()
    # The library turns dashes and spaces of all kinds into the plain ones.
    return re.sub(r"[\s-]", "", ric.compact(unicodedata.normalize("NFKC", number or "")))


def check(number, today):
    """Return the normalised number when it is a resident identity number (GB 11643).

    Length, characters, date of birth and check character are checked. The six digits of the
    place are not: no public list holds all codes that were ever in use, and a true number must
    not be refused for a gap in one.

    :param today: nobody is born after this day
    :raise IdentityNumberError: when it is none
    """
    number = normalise(number)
    if len(number) == 15 and number.isdecimal():
        raise IdentityNumberError("old")
    if len(number) != 18:
        raise IdentityNumberError("length")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdentityNumberError("characters")
    try:
        born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberError("date") from None
    if not datetime.date(_FIRST_YEAR, 1, 1) <= born <= today:
        raise IdentityNumberError("date")
    if ric.calc_check_digit(number) != number[-1]:
        raise IdentityNumberError("check")
    return number


def load_keys(path=None):
    """Return the keys of the file, oldest first, as a tuple of bytes.

    A line holds one key of at least 32 bytes, in hexadecimal or base64; empty lines and lines
    that begin with ``#`` do not count.

    :param path: the file; by default the one that :data:`KEY_FILE_VARIABLE` names
    :raise KeyFileError: when there is no usable key
    """
    path = path or os.environ.get(KEY_FILE_VARIABLE)
    if not path:
        raise KeyFileError("unset")
    try:
        if stat.S_IMODE(os.stat(path).st_mode) & stat.S_IROTH:
            raise KeyFileError("open", path)
        text = Path(path).read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyFileError("missing", path) from None
    except (OSError, UnicodeDecodeError):
        raise KeyFileError("unreadable", path) from None
    keys = []
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            key = _decode(line)
        except (binascii.Error, ValueError):
            raise KeyFileError("line", path, number) from None
        if len(key) < KEY_BYTES:
            raise KeyFileError("short", path, number)
        keys.append(key)
    if not keys:
        raise KeyFileError("empty", path)
    return tuple(keys)


def _decode(text):
    if re.fullmatch(r"([0-9a-fA-F]{2})+", text):
        return bytes.fromhex(text)
    return base64.b64decode(text, validate=True)


def fingerprints(number, keys):
    """Return the fingerprints of a normalised number, of version 1 to the newest, as hex."""
    found = []
    value = number.encode("ascii")
    for key in keys:
        value = hmac.digest(key, value, hashlib.sha256)
        found.append(value.hex())
    return found


def fingerprint(number, keys):
    """Return the fingerprint of a normalised number by all keys: its version is their count."""
    return fingerprints(number, keys)[-1]


def advance(fingerprint, version, keys):
    """Return what the fingerprint of an earlier version is by all keys; needs no number.

    :param version: number of keys that it was made with, from 1 to ``len(keys)``
    """
    if not 1 <= version <= len(keys):
        raise ValueError(f"version {version} of {len(keys)} keys")
    value = bytes.fromhex(fingerprint)
    for key in keys[version:]:
        value = hmac.digest(key, value, hashlib.sha256)
    return value.hex()


def key_mark(key):
    """Return a mark by which a key is known again, and from which it cannot be had."""
    return hmac.digest(key, b"mark of a key", hashlib.sha256).hex()[:16]
