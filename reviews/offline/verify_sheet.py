"""Checks the QR code of a verification sheet without a network: python3 verify_sheet.py key.json [TEXT OF THE QR CODE]

Without a text it is read from the standard input. key.json holds the public keys; fetch it from the portal itself,
never from whoever shows you a sheet. Returns 0 for what was signed, 1 for INVALID, 2 for a key file it cannot read.

It cannot know what happened after the sheet was issued: whether the title still holds stands on the live page alone.
Needs Python 3.8 or later and nothing else. Signatures are Ed25519; the arithmetic follows RFC 8032, sections 5.1, 6.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

FIELDS = ("code", "credit code", "organ", "region", "batch", "document number", "granted on", "valid until",
          "issued on", "key", "address", "note")  # fmt: skip
TEXT = re.compile(r"(.+/)([0-9A-Z-]+)/#1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")

# --- Ed25519 -------------------------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(one, other):
    """Return the sum of two points, each as X, Y, Z, T with x = X/Z, y = Y/Z, x * y = T/Z."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    """Return the point added to itself so many times."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def equal(one, other):
    """Tell whether two points are the same."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def point_of(y, sign):
    """Return the point with this y and this sign of x, or None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def point_in(raw):
    """Return the point that 32 bytes stand for, or None."""
    number = int.from_bytes(raw, "little")
    return point_of(number & (2**255 - 1), number >> 255)


BASE = point_of(4 * pow(5, P - 2, P) % P, 0)


def is_signed(public_key, message, signature):
    """Tell whether the signature of these bytes was made with the private half of the public key."""
    if len(public_key) != 32 or len(signature) != 64:  # noqa: PLR2004 the lengths of RFC 8032
        return False
    key, start = point_in(public_key), point_in(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or start is None or number >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return equal(multiply(number, BASE), add(start, multiply(challenge, key)))


def decoded(text):
    """Return the bytes of base64url without padding; ValueError where they would not be written like this."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not written as base64url")
    return raw


def read(text, keys):
    """Return what was signed as pairs of name and text; ValueError with the reason where the QR code is not valid."""
    parts = TEXT.fullmatch(text)
    if not parts:
        raise ValueError("this is not the whole text of a sheet's QR code")
    payload, signature = decoded(parts[3]), decoded(parts[4])
    # nothing of the payload is read before a known key has signed it
    if not any(is_signed(key, payload, signature) for key in keys):
        raise ValueError("no key of the key file has signed what stands there")
    said = json.loads(payload.decode())
    if said[0] != "organ-sheet-1":
        raise ValueError("a newer sheet: fetch this program anew")
    content = dict(zip(FIELDS, said[1:]))  # noqa: B905 Python 3.8 knows no strict
    if (content["address"], content["code"]) != (parts[1], parts[2]):
        raise ValueError("the address was changed")
    return content


def keys_in(path):
    """Return the public keys of a portal's key file; ValueError for another file."""
    published = json.loads(Path(path).read_text(encoding="utf-8"))
    if published["format"] != "organ-sheet-keys-1":
        raise ValueError("another format")
    return [base64.b64decode(key["public_key"]) for key in published["keys"]]


def main(key_file, text):
    """Print what was found and return the exit code."""
    try:
        keys = keys_in(key_file)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        print(f"NOT READ: {key_file} is not the key file of a portal: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    try:
        content = read(text, keys)
    except ValueError as error:
        print(f"INVALID: {error}")
        return 1
    print("VALID: issued by the portal and not changed since")
    print("\n".join(f"{name}: {value}" for name, value in content.items() if value))
    print(f"Whether the title still holds today is told by the live page alone: {text.partition('#')[0]}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("usage: python3 verify_sheet.py key.json [TEXT]")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    given = sys.argv[2] if len(sys.argv) == 3 else sys.stdin.read().rstrip("\r\n")  # noqa: PLR2004 program, file, text
    sys.exit(main(sys.argv[1], given))
