"""The text of a sheet: what is signed, what the QR code carries, and the program that checks it without a network."""

import base64
import json
import random
import re
import runpy
import subprocess
import sys
from dataclasses import astuple, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reviews import codes, sheets

PROGRAM = Path(sheets.__file__).parent / "offline" / "verify_sheet.py"
OFFLINE = runpy.run_path(str(PROGRAM))
BASE64URL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
KEY = sheets.signing_key(base64.b64encode(bytes(range(32))).decode())
PUBLIC = sheets.public_key_of(KEY)
CONTENT = sheets.Content(
    code="ABCD-EFGH-JKMN",
    credit_code="11110000000000001X",
    organ="北京市东城区机关事务管理服务中心",
    region="东城区",
    batch="第七批",
    document_number="京管发〔2026〕1号",
    granted_on="2026-11-22",
    valid_until="2029-11-21",
    issued_on="2026-11-22",
    key_id=sheets.key_id_of(PUBLIC),
    address="https://portal.example/verify/",
)
PAYLOAD = sheets.payload_of(CONTENT)
TEXT = sheets.qr_text(PAYLOAD, sheets.sign(PAYLOAD, KEY))
# RFC 8032, section 7.1: secret key, public key, message, signature
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def refused(text):
    """Return whether the program for use without a network calls a text invalid."""
    try:
        OFFLINE["read"](text, [base64.b64decode(PUBLIC)])
    except ValueError:
        return True
    return False


# --- the text ------------------------------------------------------------------------------------------------------


def test_what_is_signed_is_one_line_in_a_fixed_order():
    expected = (
        '["organ-sheet-1","ABCD-EFGH-JKMN","11110000000000001X","北京市东城区机关事务管理服务中心","东城区","第七批",'
        '"京管发〔2026〕1号","2026-11-22","2029-11-21","2026-11-22","' + CONTENT.key_id + '",'
        '"https://portal.example/verify/",""]'
    )
    assert expected == PAYLOAD
    assert TEXT.startswith("https://portal.example/verify/ABCD-EFGH-JKMN/#1.")


@given(st.lists(st.text(), min_size=12, max_size=12))
def test_any_content_comes_back_and_stays_on_one_line(values):
    content = sheets.Content(*values)
    payload = sheets.payload_of(content)
    assert sheets.content_of(payload) == content
    assert "\n" not in payload


@pytest.mark.parametrize(
    "payload",
    ["", "{}", "[]", '["organ-sheet-1"]', PAYLOAD.replace("-1", "-2", 1), PAYLOAD.replace(",", ", "), PAYLOAD + " "],
)
def test_another_way_of_writing_it_is_no_payload(payload):
    with pytest.raises(ValueError):
        sheets.content_of(payload)


def test_a_camera_reads_the_qr_code(tmp_path):
    picture = tmp_path / "qr.png"
    segno.make(TEXT, error="m", micro=False).save(picture, scale=4, border=4)
    (found,) = zxingcpp.read_barcodes(Image.open(picture))
    assert found.text == TEXT
    assert 'viewBox="0 0 ' in sheets.qr_svg(TEXT)
    assert "style=" not in sheets.qr_svg(TEXT)


# --- codes ---------------------------------------------------------------------------------------------------------


def test_a_code_has_twelve_signs_of_31_and_none_that_is_misread():
    assert len(codes.SIGNS) == len(set(codes.SIGNS)) == 31
    assert not set(codes.SIGNS) & set("01OIL")
    made = {codes.new_code() for _time in range(500)}
    assert len(made) == 500
    assert set("".join(made)) == {*codes.SIGNS, "-"}
    assert all(re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code) for code in made)


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-EFGH-JKM2",
        "abcdefghjkm2",
        " abcd efgh\u3000jkm2 ",
        "ABCD–EFGH—JKM2",
        "ＡＢＣＤ－ＥＦＧＨ－ＪＫＭ２",
        "a-b-c-d-efghjkm2",
    ],
)
def test_case_blanks_and_dashes_do_not_matter(typed):
    assert codes.as_code(typed) == "ABCD-EFGH-JKM2"


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKM22", "ABCD-EFGH-JKM0", "ABCD'EFGH\"JKM2"])
def test_what_cannot_be_a_code_is_none(typed):
    assert codes.as_code(typed) == ""


# --- keys and signatures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "x", "AAAA", base64.b64encode(bytes(31)).decode(), "ä" * 44])
def test_a_bad_key_is_refused(text):
    with pytest.raises(ValueError):
        sheets.signing_key(text)


def test_a_signature_holds_for_its_text_and_its_key_alone():
    signature = sheets.sign(PAYLOAD, KEY)
    other = sheets.public_key_of(Ed25519PrivateKey.generate())
    assert sheets.is_signed(PAYLOAD, signature, PUBLIC)
    assert not sheets.is_signed(PAYLOAD.replace("七", "八"), signature, PUBLIC)
    assert not sheets.is_signed(PAYLOAD, signature, other)
    assert not sheets.is_signed(PAYLOAD, signature[:-4], PUBLIC)
    assert not sheets.is_signed(PAYLOAD, "?" * 86, PUBLIC)


# --- without a network ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_program_keeps_to_the_vectors_of_rfc_8032(secret, public, message, signature):
    key, text, signed = (bytes.fromhex(part) for part in (public, message, signature))
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw() == key
    assert OFFLINE["is_signed"](key, text, signed)
    assert not OFFLINE["is_signed"](key, text + b"x", signed)
    # the same number beyond the order of the group would be a second signature of the same text
    beyond = int.from_bytes(signed[32:], "little") + OFFLINE["ORDER"]
    assert not OFFLINE["is_signed"](key, text, signed[:32] + beyond.to_bytes(32, "little"))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 63))
def test_the_program_agrees_with_the_library(seed, message, place):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature, public = key.sign(message), key.public_key().public_bytes_raw()
    assert OFFLINE["is_signed"](public, message, signature)
    changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
    assert not OFFLINE["is_signed"](public, message, changed)


def test_the_program_reads_what_was_signed():
    said = OFFLINE["read"](TEXT, [base64.b64decode(PUBLIC)])
    assert tuple(said.values()) == astuple(CONTENT)


def test_each_of_400_changes_of_one_byte_is_invalid():
    chance = random.Random(5)  # the same changes in every run; every byte of the text comes to its turn
    whole = TEXT.encode()
    places = (chance.sample(range(len(whole)), len(whole)) * 2)[:400]
    for turn, place in enumerate(places):
        # every other change keeps to the signs of base64url, so that it is not found by its looks
        signs = range(256) if turn % 2 else BASE64URL
        other = chance.choice([byte for byte in signs if byte != whole[place]])
        changed = whole[:place] + bytes([other]) + whole[place + 1 :]
        assert refused(changed.decode("utf-8", "surrogateescape")), (place, other)
    assert not refused(TEXT)


@pytest.mark.parametrize("note", ["", "1", "22"])
def test_each_part_is_written_in_one_way_only(note):
    """The last sign of base64 may carry bits that mean nothing: another sign there is another text, and invalid."""
    payload = sheets.payload_of(replace(CONTENT, note=note))
    text = sheets.qr_text(payload, sheets.sign(payload, KEY))
    assert not refused(text)
    for end in (len(text), text.rindex(".")):
        others = [chr(sign) for sign in BASE64URL if chr(sign) != text[end - 1]]
        assert all(refused(text[: end - 1] + other + text[end:]) for other in others)


def test_every_truncation_and_every_prefix_is_invalid():
    assert all(refused(TEXT[:length]) for length in range(len(TEXT)))
    assert refused(TEXT + "A")
    assert refused(" " + TEXT)
    assert refused(TEXT + "\n")


def test_a_sheet_under_another_address_or_code_is_invalid():
    payload, signature = TEXT.split(".")[-2:]
    for address in ("https://evil.example/verify/ABCD-EFGH-JKMN/", "https://portal.example/verify/ABCD-EFGH-JKMM/"):
        assert refused(f"{address}#1.{payload}.{signature}")


def test_another_signer_is_invalid():
    other = Ed25519PrivateKey.generate()
    forged = sheets.payload_of(replace(CONTENT, organ="某单位"))
    assert refused(sheets.qr_text(forged, sheets.sign(forged, other)))
    # the signature of the honest sheet under another text
    assert refused(sheets.qr_text(forged, sheets.sign(PAYLOAD, KEY)))


def test_it_runs_alone_in_an_empty_folder(tmp_path):
    (tmp_path / "verify_sheet.py").write_bytes(PROGRAM.read_bytes())
    keys = {"format": sheets.KEYS_FORMAT, "keys": [{"id": CONTENT.key_id, "public_key": PUBLIC}]}
    (tmp_path / "key.json").write_text(json.dumps(keys), encoding="utf-8")

    def run(*arguments, **more):
        command = [sys.executable, "-I", "verify_sheet.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, **more)

    for done in (run("key.json", TEXT), run("key.json", input=TEXT + "\n")):
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("VALID: ")
        assert "organ: 北京市东城区机关事务管理服务中心\n" in done.stdout
        assert "told by the live page alone: https://portal.example/verify/ABCD-EFGH-JKMN/\n" in done.stdout
    done = run("key.json", TEXT.replace("/ABCD-", "/ABCE-"))
    assert (done.returncode, done.stdout.split(":")[0]) == (1, "INVALID")
    assert run("key.json", input="").returncode == 1
    assert "usage: " in run().stderr
    for content in (None, "", "[]", '{"format": "another"}', '{"format": "organ-sheet-keys-1"}'):
        (tmp_path / "key.json").unlink(missing_ok=True)
        if content is not None:
            (tmp_path / "key.json").write_text(content, encoding="utf-8")
        done = run("key.json", TEXT)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("NOT READ: key.json is not the key file of a portal: ")


def test_it_needs_the_standard_library_alone_and_stays_short():
    source = PROGRAM.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 150
    imported = re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)
    assert set(imported) <= sys.stdlib_module_names


# --- what has become of a title ------------------------------------------------------------------------------------

DAY = date(2026, 11, 22)


def standing(**dates):
    none = dict.fromkeys(("valid_until", "revoked_on", "replaced_on", "closed_on"))
    return sheets.standing(DAY, **({"granted_on": date(2023, 1, 1)} | none | dates))


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, ("valid", None)),
        ({"granted_on": DAY}, ("valid", None)),
        ({"granted_on": DAY + timedelta(days=1)}, ("coming", DAY + timedelta(days=1))),
        ({"valid_until": DAY}, ("valid", None)),
        ({"valid_until": DAY - timedelta(days=1)}, ("expired", DAY)),
        ({"revoked_on": DAY}, ("revoked", DAY)),
        ({"revoked_on": DAY + timedelta(days=1)}, ("valid", None)),
        ({"replaced_on": DAY}, ("replaced", DAY)),
        ({"replaced_on": DAY, "valid_until": date(2025, 12, 31)}, ("replaced", DAY)),
        ({"revoked_on": DAY, "valid_until": date(2025, 12, 31)}, ("revoked", DAY)),
        ({"closed_on": DAY}, ("closed", DAY)),
        ({"closed_on": DAY + timedelta(days=1)}, ("valid", None)),
    ],
)
def test_what_has_become_of_a_title(dates, expected):
    assert standing(**dates) == expected
