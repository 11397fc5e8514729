"""Short codes that people copy from paper: they cannot be guessed (31^12 possibilities) and are hard to misread."""

import secrets

# without the signs that are misread on paper: 0 O 1 I L
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
_GROUP = 4


def new_code() -> str:
    """Return a new code: twelve signs in three groups of four."""
    return _grouped("".join(secrets.choice(SIGNS) for _place in range(LENGTH)))


def as_code(typed: str) -> str:
    """Return what somebody typed as a code, whatever its case, blanks and dashes; empty when it cannot be one."""
    # what a Chinese keyboard types full-width means the same
    signs = "".join(sign for sign in _narrow(typed).upper() if sign not in _BETWEEN and not sign.isspace())
    return _grouped(signs) if len(signs) == LENGTH and set(signs) <= set(SIGNS) else ""


_BETWEEN = "-‐‑‒–—―−_.·"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _narrow(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))
