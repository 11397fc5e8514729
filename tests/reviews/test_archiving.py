"""Names, manifest and metadata of an archive: whatever is typed, they stay readable, safe and the same."""

import hashlib
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.archiving import (
    NAME_BYTES,
    Described,
    Entry,
    folder_of,
    manifest_text,
    metadata_xml,
    safe_name,
    unique_name,
)

ANY = st.text(max_size=300)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("节能制度（2026年）.pdf", "节能制度（2026年）.pdf"),
        ("a/b\\c:d*e?.pdf", "a_b_c_d_e_.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".bashrc", "bashrc"),
        ("CON.pdf", "_CON.pdf"),
        ("com1", "_com1"),
        ("  空格   多  .docx ", "空格 多.docx"),
        ("名.", "名"),
        ("", "_"),
        ("...", "_"),
        ("长" * 200 + ".xlsx", "长" * 28 + ".xlsx"),
        ("换\n行\x00.pdf", "换_行_.pdf"),
        ("\u202efdp.exe", "_fdp.exe"),
    ],
)
def test_a_name_worked_out_by_hand(typed, kept):
    assert safe_name(typed) == kept


@given(ANY)
def test_no_name_is_a_path_or_a_device_or_too_long(typed):
    name = safe_name(typed)
    assert 1 <= len(name.encode()) <= NAME_BYTES + 1
    assert PurePosixPath(name).name == PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved()
    assert name not in {".", ".."}
    assert not name.startswith(".")
    assert name == name.strip(" .")
    assert all(char.isprintable() for char in name)
    assert safe_name(name) == unicodedata.normalize("NFC", name)  # once is enough


@given(st.lists(ANY, max_size=12))
def test_names_in_a_folder_differ_also_where_case_does_not_count(typed):
    taken: set[str] = set()
    names = [unique_name(safe_name(each), taken) for each in typed]
    assert len({name.casefold() for name in names}) == len(typed)


def test_the_second_of_a_name_keeps_its_ending():
    taken: set[str] = set()
    assert [unique_name(name, taken) for name in ("a.pdf", "A.PDF", "a.pdf")] == ["a.pdf", "A (2).PDF", "a (3).pdf"]


def test_the_folder_of_an_organ_tells_region_code_and_name():
    assert folder_of("110101", "11110101TXT0000019", "市/局") == "110101-11110101TXT0000019-市_局"


ENTRIES = [Entry("b/二.pdf", 3, "2" * 64), Entry("a.txt", 5, "1" * 64), Entry("b/一.pdf", 0, "3" * 64)]


def test_the_manifest_worked_out_by_hand():
    assert manifest_text(ENTRIES) == (
        "conservation-organs-archive-1\nfiles 3\nbytes 8\n"
        f"{'1' * 64} 5 a.txt\n{'3' * 64} 0 b/一.pdf\n{'2' * 64} 3 b/二.pdf\n"
    )
    assert manifest_text(reversed(ENTRIES)) == manifest_text(ENTRIES)
    assert manifest_text([]) == "conservation-organs-archive-1\nfiles 0\nbytes 0\n"


@pytest.mark.parametrize("path", ["a.txt", "x\ny"])
def test_a_path_that_could_be_read_in_two_ways_is_refused(path):
    with pytest.raises(ValueError, match="twice"):
        manifest_text([*ENTRIES, Entry(path, 1, "4" * 64)])


@given(ANY, ANY)
def test_the_metadata_can_be_read_again_whatever_was_typed(title, author):
    entry = Entry("evidence/x.pdf", 3, hashlib.sha256(b"abc").hexdigest())
    said = Described(title, author, "2026-11-22", "〔2026〕1号")
    made = metadata_xml(said, [(said, entry)], unit="市局", classification="创建/2026", retention="30年")
    tree = ET.fromstring(made)
    assert [tree.findtext(key) for key in ("聚合层次", "保管期限", "件数", "文号")] == [
        "案卷",
        "30年",
        "1",
        "〔2026〕1号",
    ]
    record = tree.find("文件")
    assert [record.findtext(key) for key in ("格式信息", "计算机文件名", "计算机文件大小", "数字摘要")] == [
        "PDF", "evidence/x.pdf", "3", entry.sha256,
    ]  # fmt: skip
    if title.isprintable():
        assert (record.findtext("题名") or "") == title
    assert made == metadata_xml(said, [(said, entry)], unit="市局", classification="创建/2026", retention="30年")


def test_the_metadata_say_that_they_are_only_in_the_style_of_the_rules():
    made = metadata_xml(Described("x"), [], unit="y", classification="z", retention="10年").decode()
    assert "参照 GB/T 18894-2016" in made
    assert "未经符合性认证" in made
