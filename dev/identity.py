"""The key file that identity numbers are hashed with in this clone: demo and tests."""

import os
import secrets

from dev import paths

VARIABLE = "UNION_ASSIST_IDENTITY_KEY_FILE"
FILE = paths.DEV / "identity_keys"


def key_file():
    """Path of the key file: the one that the environment names, else this clone's, made once."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    if not FILE.exists():
        FILE.parent.mkdir(parents=True, exist_ok=True)
        # Complete before it has its name, and never readable by others.
        new = FILE.with_name(f"{FILE.name}.{os.getpid()}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(f"# one key a line, oldest first\n{secrets.token_hex(32)}\n")
        try:
            os.link(new, FILE)  # leaves alone the file of another command that was quicker
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return str(FILE)
