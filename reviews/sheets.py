"""What a verification sheet says, how it is signed, what its QR code carries, and what has become of its title.

The signed text (the payload) is one line: a JSON array of texts without blanks, first the format, then the fields of
`Content` in their order. The QR code carries

    <address><code>/#1.<payload>.<signature>

with payload and signature in base64url without padding. The part before # opens the live page; what comes after it
never leaves the phone, and lets anybody check the sheet without a network (reviews/offline/verify_sheet.py). Address
and code are signed too, so that no byte of the whole can be changed. Signatures are Ed25519 (RFC 8032).
"""

import base64
import binascii
import hashlib
import io
import json
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta

import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "organ-sheet-1"
KEYS_FORMAT = "organ-sheet-keys-1"
DEMONSTRATION = "demonstration"


@dataclass(frozen=True, slots=True)
class Content:
    """What is signed, all of it text; dates as 2026-11-22, `valid_until` empty where the title has no last day.

    `address` is where the live page of every sheet lies; `note` is empty, or says that this is a demonstration.
    """

    code: str
    credit_code: str
    organ: str
    region: str
    batch: str
    document_number: str
    granted_on: str
    valid_until: str
    issued_on: str
    key_id: str
    address: str
    note: str = ""


def payload_of(content: Content) -> str:
    """Return the text that is signed."""
    return json.dumps([FORMAT, *astuple(content)], ensure_ascii=False, separators=(",", ":"))


def content_of(payload: str) -> Content:
    """Return what a payload says; ValueError for a text that is no payload, or not written as `payload_of` does."""
    said = json.loads(payload)
    if not isinstance(said, list) or len(said) != len(fields(Content)) + 1 or said[0] != FORMAT:
        msg = "not a payload"
        raise ValueError(msg)
    content = Content(*said[1:])
    if payload_of(content) != payload:
        msg = "not written as it was signed"
        raise ValueError(msg)
    return content


def qr_text(payload: str, signature: str) -> str:
    """Return what the QR code of a sheet carries."""
    content = content_of(payload)
    return f"{content.address}{content.code}/#1.{_encoded(payload.encode())}.{signature}"


def qr_svg(text: str) -> str:
    """Return a QR code as SVG, black on white with its quiet margin, scaled by whoever shows it."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", lineclass=None, svgclass=None)
    return out.getvalue().decode()


# --- keys and signatures -------------------------------------------------------------------------------------------


def signing_key(text: str) -> Ed25519PrivateKey:
    """Return the private key that a setting names: 32 random bytes in base64; ValueError for anything else."""
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public key as it is published: its 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def key_id_of(public_key: str) -> str:
    """Return the name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def sign(payload: str, key: Ed25519PrivateKey) -> str:
    """Return the signature of a payload in base64url."""
    return _encoded(key.sign(payload.encode()))


def is_signed(payload: str, signature: str, public_key: str) -> bool:
    """Tell whether the signature of a payload was made with the private half of this public key."""
    try:
        raw = base64.b64decode(signature + "==", altchars=b"-_", validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(raw, payload.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# --- what has become of a title ------------------------------------------------------------------------------------


def standing(
    day: date,
    *,
    granted_on: date,
    valid_until: date | None,
    revoked_on: date | None,
    replaced_on: date | None,
    closed_on: date | None,
) -> tuple[str, date | None]:
    """Return the state of a title on `day`, and the first day on which it was so (None while nothing has happened).

    States: coming, valid, revoked, replaced (by a later title), expired, closed (the organ has left the register).
    `revoked_on`, `replaced_on` and `closed_on` are the first days without, `valid_until` is the last day with it.
    """
    if day < granted_on:
        return "coming", granted_on
    if revoked_on and revoked_on <= day:
        return "revoked", revoked_on
    if replaced_on and replaced_on <= day:
        return "replaced", replaced_on
    if valid_until and valid_until < day:
        return "expired", valid_until + timedelta(days=1)
    if closed_on and closed_on <= day:
        return "closed", closed_on
    return "valid", None
