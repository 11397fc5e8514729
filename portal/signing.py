"""The key that signs verification sheets, where nobody gives one: the demonstration makes its own, once."""

import base64
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def new_key() -> str:
    """Return a new private key: 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def kept_key(path: Path) -> str:
    """Return the key that is kept in a file, readable for its owner alone; of several that make it at once one wins."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(new_key())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
