"""The archive of a closed round: complete, readable, and silent about who objected."""

import hashlib
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from creation import stages
from creation.actions import cycles, evidence
from creation.models import Evidence, Submission
from reviews.actions import archives
from reviews.archives import queue
from reviews.demo import builders
from reviews.models import Inspection
from tests.reviews.archived import PHONE, WHO, handed_over, laid_out, lived, verify, written
from tests.scene import a_picture

__all__ = ["laid_out", "lived"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


# --- what it holds ---------------------------------------------------------------------------------------------------


def test_the_folder_of_an_organ_holds_what_was_frozen_and_every_original(world, lived, laid_out):
    root, folder = laid_out
    receipt = Submission.objects.get(assessment=lived)
    kept = (folder / "receipts" / f"{receipt.number}.json").read_bytes()
    assert kept == receipt.content.encode()
    assert hashlib.sha256(kept).hexdigest() == receipt.sha256
    assert (folder / "receipts" / f"{receipt.number}.pdf").read_bytes().startswith(b"%PDF-")
    for visit in Inspection.objects.filter(assessment=lived):
        assert (folder / "visits" / f"{visit.kind}.json").read_bytes() == visit.content.encode()
    # every original once, whatever it was used for: the evidence of the answers and the one photo
    rows = Evidence.objects.filter(organ=world.organ)
    originals = {Path(row.original.path).read_bytes() for row in rows}
    assert {path.read_bytes() for path in (folder / "evidence").iterdir()} == originals
    assert len(list((folder / "evidence").iterdir())) == len({row.sha256 for row in rows})
    history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    assert [one["step"] for one in history["changes"]] == [one.step for one in lived.changes.all()]
    publicity = json.loads((folder / "publicity.json").read_text(encoding="utf-8"))
    (objection,) = publicity["objections"]
    assert (objection["grounds"], objection["answers"][0]["text"], objection["state"], objection["reason"]) == (
        "夜间长明灯", "已加装感应开关", "dismissed", "经核查不属实",
    )  # fmt: skip
    assert (folder / objection["answers"][0]["papers"][0]).read_bytes().endswith("开关.pdf".encode())
    visits = json.loads((folder / "visits.json").read_text(encoding="utf-8"))
    (finding,) = visits[0]["findings"]
    assert [step["text"] for step in finding["steps"]] == ["已更换水龙头", ""]
    assert (folder / finding["photos"][0]["file"]).read_bytes() == a_picture().read()
    title = json.loads((folder / "title.json").read_text(encoding="utf-8"))
    assert title["document_number"] == lived.recognition.document_number
    keys = json.loads((root / "round/sheet_keys.json").read_text(encoding="utf-8"))
    assert [key["key_id"] for key in keys] == ([title["sheet"]["key_id"]] if title["sheet"] else [])
    draw = json.loads((folder / "draw.json").read_text(encoding="utf-8"))
    assert (draw["drawn"], draw["pool_sha256"]) == (True, lived.pool_member.pool.sha256)


def test_the_round_holds_its_rules_and_draws_that_can_be_made_again(world, laid_out, tmp_path):
    root, _folder = laid_out
    assert json.loads((root / "round/round.json").read_text(encoding="utf-8"))["year"] == world.cycle.year
    standard = json.loads((root / "round/standard.json").read_text(encoding="utf-8"))
    assert len(standard["indicators"]) == world.standard.indicators.count()
    register = json.loads((root / "round/register.json").read_text(encoding="utf-8"))
    assert len(register) == 4
    assert sum(bool(row["folder"]) for row in register) == 2
    (notice,) = (root / "round/notices").iterdir()
    assert json.loads(notice.read_text(encoding="utf-8"))["list"][0]["organ"] == world.organ.name
    calendar = json.loads((root / "round/calendar.json").read_text(encoding="utf-8"))
    assert sum(calendar["days"].values()) == world.cycle.notice_days
    (pool,) = (root / "round/draws").glob("pool-*.json")
    again = subprocess.run(
        [sys.executable, "-I", str(root / "round/draws/verify_draw.py"), str(pool)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stdout


def test_a_draft_that_never_left_its_organ_stays_there(world, laid_out):
    root, _folder = laid_out
    (folder,) = [path for path in (root / "organs").iterdir() if world.neighbour.credit_code in path.name]
    assert json.loads((folder / "answers.json").read_text(encoding="utf-8")) == {
        "handed_over": False, "answers": [], "figures": [], "warnings": [],
    }  # fmt: skip
    assert not (folder / "evidence").exists()


def test_the_pages_lead_everywhere_without_scripts(laid_out):
    root, folder = laid_out
    for page in root.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<h1>" in text
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            assert (page.parent / unquote(link)).exists(), (page, link)
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "水龙头滴漏" in text
    assert "夜间长明灯" in text


def test_the_metadata_name_every_record_with_its_hash(world, laid_out):
    _root, folder = laid_out
    tree = ET.parse(folder / "metadata.xml").getroot()
    assert tree.findtext("保管期限") == "30 years" or tree.findtext("保管期限") == "30年"
    assert world.organ.name in tree.findtext("题名")
    assert tree.findtext("责任者") == world.organ.name
    assert tree.findtext("文号").endswith("1号")
    records = {one.findtext("计算机文件名"): one for one in tree.iter("文件")}
    for name, one in records.items():
        content = (folder / name).read_bytes()
        assert one.findtext("数字摘要") == hashlib.sha256(content).hexdigest()
        assert int(one.findtext("计算机文件大小")) == len(content)
        assert all(one.findtext(key) for key in ("题名", "责任者", "日期", "保管期限")), name
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - set(records) == {"index.html", "metadata.xml"}


def test_who_objected_stands_nowhere(world, lived):
    export = written(world)
    with zipfile.ZipFile(archives.path_of(export)) as packed:
        said = {info.filename: packed.read(info) for info in packed.infolist()}
    private = (lived.listing.objections.get().files.get().sha256, lived.listing.objections.get().receipt)
    for secret in (WHO, PHONE, PHONE[:3] + "-" + PHONE[3:], "照片证据", *private):
        for spelling in (secret.encode(), json.dumps(secret).strip('"').encode()):
            assert [name for name, content in said.items() if spelling in content or secret in name] == [], secret
    assert any("夜间长明灯".encode() in content for content in said.values())  # the search itself finds


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_plain_folders(world, tmp_path):
    where, region = tmp_path / "plain", f"{world.city.code}-{world.cycle.year}"
    with pytest.raises(CommandError, match="closed"):
        call_command("export_archive", cycle=region, to=where)
    with pytest.raises(CommandError, match="no round"):
        call_command("export_archive", cycle="110000-x", to=where)
    world.bring_to(stages.SUBMITTED)
    cycles.close_cycle(world.cycle, by=world["city"])
    out = io.StringIO()
    call_command("export_archive", cycle=region, to=where, stdout=out)
    assert hashlib.sha256((where / "manifest.txt").read_bytes()).hexdigest() in out.getvalue()
    assert verify(where, cwd=tmp_path).returncode == 0
    with pytest.raises(CommandError, match="exists"):
        call_command("export_archive", cycle=region, to=where)


def test_a_name_that_plays_tricks_stays_in_its_folder(world, tmp_path):
    file = world.start()
    tricky = SimpleUploadedFile("..%2f..\\CON<script>.pdf", builders.PDF + b"trick", content_type="application/pdf")
    paper = evidence.upload_evidence(world.organ, tricky, by=world["clerk"])
    evidence.rename_evidence(paper, name="&quot;><b>../../x", by=world["clerk"])
    builders.answer_everything(file, by=world["clerk"])
    evidence.attach(file, world.standard.indicators.get(code="3.4"), paper, by=world["clerk"])
    handed_over(world, file)
    cycles.close_cycle(world.cycle, by=world["city"])
    root = tmp_path / "tricks"
    queue.write_folders(world.cycle.pk, root, retention="10")
    (kept,) = [path for path in root.rglob("*.pdf") if path.name.startswith(paper.sha256[:16])]
    assert kept.parent.name == "evidence"
    assert re.fullmatch(r"[0-9a-f]{16}-[\w ._()-]+\.pdf", kept.name)
    assert "<b>" not in (kept.parent.parent / "index.html").read_text(encoding="utf-8")
    assert verify(root, cwd=tmp_path).returncode == 0
