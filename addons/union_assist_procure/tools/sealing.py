"""Sealed bids: encrypted with a key that lies outside the database, and locked until a moment.

A seal is AES-256-GCM over the bid as canonical JSON, padded so that its length says nothing. The
key of encryption is derived (HKDF-SHA256, own context) from a key of a file. Each seal has its
own random salt inside, so that the digest that the bidder gets as a receipt cannot be found by
trying prices, and is bound to whom and what it is for: a seal put into another row is no seal.

The moment before which a bid is not opened lies inside the seal too. It is compared with the
clock of the server here, whatever a row of the database says of the deadline.
"""

import base64
import binascii
import contextlib
import datetime
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: Environment variable that names the file with the keys of sealed bids.
KEY_FILE_VARIABLE = "UNION_ASSIST_BID_KEY_FILE"

_CONTEXT = b"union_assist_procure: sealed bid, version 1"
_VERSION = b"\x01"
_MARK = 8  # bytes by which the key of a seal is known again
_NONCE = 12
_BLOCK = 2048  # a sealed bid is a multiple of so many bytes long


class SealError(ValueError):
    """A seal cannot be opened; ``reason`` is key (not in the file), broken or early."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Seal:
    """What is stored of a sealed bid: the encrypted content, and the digest of the receipt."""

    token: str
    digest: str


def make_key_file(path):
    """Make a file with a new key where there is none; never readable by others."""
    path = Path(path)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Complete before it has its name; the file of another process that was quicker stays.
    new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(
                f"# keys of sealed bids, one a line, oldest first\n{secrets.token_hex(32)}\n"
            )
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()


def _derive(secret):
    """Return the key of encryption of a key of the file, and its mark."""
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_CONTEXT).derive(secret)
    return key, hashlib.sha256(_CONTEXT + key).digest()[:_MARK]


def digest_of(text):
    """Return the digest of an opened bid's content, as the receipt gives it."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(content, not_before, keys, binding):
    """Seal a bid with the newest key.

    :param dict content: what JSON can hold
    :param datetime not_before: moment before which it is not opened, UTC without a zone
    :param keys: of the file, as bytes, oldest first
    :param str binding: whom and what the seal is for
    :return: :class:`Seal`
    """
    salted = {
        "content": content,
        "not_before": not_before.isoformat(),
        "salt": secrets.token_hex(32),
    }
    text = json.dumps(salted, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    plain = text.encode()
    plain += b" " * (-len(plain) % _BLOCK)
    key, mark = _derive(keys[-1])
    nonce = os.urandom(_NONCE)
    encrypted = AESGCM(key).encrypt(nonce, plain, binding.encode())
    token = base64.b64encode(_VERSION + mark + nonce + encrypted).decode("ascii")
    return Seal(token, digest_of(text))


def _decrypt(token, keys, binding):
    try:
        raw = base64.b64decode(token or "", validate=True)
    except (binascii.Error, ValueError):
        raise SealError("broken") from None
    head = len(_VERSION) + _MARK
    if raw[: len(_VERSION)] != _VERSION or len(raw) < head + _NONCE:
        raise SealError("broken")
    for secret in reversed(keys):
        key, mark = _derive(secret)
        if mark == raw[len(_VERSION) : head]:
            break
    else:
        raise SealError("key")
    try:
        plain = AESGCM(key).decrypt(
            raw[head : head + _NONCE], raw[head + _NONCE :], binding.encode()
        )
    except InvalidTag:
        raise SealError("broken") from None
    return plain.decode().rstrip(" ")


def open_seal(token, keys, binding):
    """Return a sealed bid's content and the text that its digest is of.

    :raise SealError: also, with reason early, before the moment that was sealed with it
    """
    text = _decrypt(token, keys, binding)
    sealed = json.loads(text)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    if now < datetime.datetime.fromisoformat(sealed["not_before"]):
        raise SealError("early")
    return sealed["content"], text


def read_own(token, keys, binding):
    """Return the content of a bid for the bidder itself, at any time.

    For the page of the bidder alone: whoever calls this has checked whose it is.
    """
    return json.loads(_decrypt(token, keys, binding))["content"]
