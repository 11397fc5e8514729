"""The archive of a closed round: complete, readable, proved by a program of its own, and silent about who objected."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import time_machine
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import clock, stages
from creation.actions import cycles, evidence, files
from creation.errors import Forbidden, Refused
from creation.models import Event, Evidence, Message, Submission
from reviews import claims
from reviews.actions import archives, draws, findings, inspections, objections, teams, visit_photos
from reviews.archives import organ as organs
from reviews.archives import queue
from reviews.archives import round as rounds
from reviews.archiving import Entry, manifest_text
from reviews.demo import builders
from reviews.models import ArchiveExport, Inspection
from reviews.tasks import nightly, sweep, work_off_archives
from tests.cast import keyed
from tests.scene import a_picture

pytestmark = pytest.mark.django_db
VERIFIER = rounds.VERIFIER
WHO, PHONE = "欧阳举报", "13912345678"


def lived_through(world):
    """Take a file to its recognition, with a finding, photos and a dismissed objection; close the round."""
    file = world.bring_to(stages.UNDER_INSPECTION)
    visit = file.inspections.get()
    indicator = world.standard.indicators.get(code="3.4")
    raised = findings.raise_finding(
        visit, indicator, kind="on_the_spot", text="水龙头滴漏", by=world["inspector"], photos=[a_picture()]
    )
    visit_photos.keep_item_photos(visit, indicator, by=world["inspector"], photos=[a_picture()])
    builders.rate_everything(visit, by=world["inspector"])
    findings.answer_finding(raised, by=world["clerk"], text="已更换水龙头")
    findings.accept_finding(raised, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    file.refresh_from_db()
    cast = world.cast_for(world.organ)
    builders._sample(file, cast)
    file.refresh_from_db()
    builders._check(file, cast)
    file.refresh_from_db()
    builders._publicise(file, cast)
    file.refresh_from_db()
    objection = objections.object_to(
        file.listing, kind="person", name=WHO, phone=PHONE, grounds="夜间长明灯", files=[builders.a_pdf("照片证据.pdf")]
    )
    objections.hear(objection, text="已加装感应开关", by=world["clerk"])
    builders.decide(objection, uphold=False, reason="经核查不属实", by=world["city"])
    objections.see_objector(objection, by=world["city"])
    clock.set_ahead(30)
    file.refresh_from_db()
    builders.recognise(file, cast)
    draft = files.start(world.neighbour, world.cycle, by=world["clerk2"])
    builders.answer_everything(draft, by=world["clerk2"])
    cycles.close_cycle(world.cycle, by=world["city"])
    return file


def written(world, **asked):
    """Ask for the archive and let the worker write it."""
    export = archives.ask_for_archive(world.cycle, by=world["city"], **asked)
    work_off_archives()
    return ArchiveExport.objects.get(pk=export.pk)


def verify(path, *more, cwd):
    """Let the stand-alone program look at an archive, in another folder and without this project."""
    program = cwd / "verify_archive.py"
    shutil.copy(VERIFIER, program)
    clean = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-I", str(program), str(path), *more],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=clean, check=False,
    )  # fmt: skip


def test_the_program_says_in_one_line_that_there_is_no_archive(tmp_path):
    done = verify("archive.zip", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "NOT READ: there is no archive.zip\n")


@pytest.mark.parametrize("content", [b"", b"no zip"], ids=["empty", "no zip"])
def test_the_program_proves_nothing_of_what_it_cannot_read(tmp_path, content):
    (tmp_path / "archive.zip").write_bytes(content)
    done = verify("archive.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert done.stdout.startswith("DIFFERENT: cannot be read: ")


def sealed_anew(root):
    """Write the manifest anew, as somebody would who wants to hide a change."""
    paths = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith("manifest.")]
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    text = manifest_text(
        Entry(path, len(content), hashlib.sha256(content).hexdigest()) for path, content in contents.items()
    )
    (root / "manifest.txt").write_text(text, encoding="utf-8")
    (root / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest() + "  manifest.txt\n")


@pytest.fixture
def lived(world):
    return lived_through(world)


@pytest.fixture
def laid_out(lived, world, tmp_path):
    """Return the folder of the whole archive, and the folder of the organ in it."""
    root = tmp_path / "out" / "archive"
    root.parent.mkdir()
    queue.write_folders(world.cycle.pk, root, retention="30")
    return root, root / "organs" / organs.path_of(lived)


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


# --- the proof -------------------------------------------------------------------------------------------------------


def test_folder_and_zip_have_the_same_manifest_and_the_program_proves_both(world, laid_out, tmp_path):
    root, _folder = laid_out
    export = written(world)
    manifest = (root / "manifest.txt").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == export.manifest_sha256
    path = archives.path_of(export)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == export.sha256
    with zipfile.ZipFile(path) as packed:
        assert packed.read("manifest.txt") == manifest
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    other = tmp_path / "elsewhere"
    other.mkdir()
    for archive in (root, path):
        proved = verify(archive, export.manifest_sha256, cwd=other)
        assert (proved.returncode, proved.stdout[:3]) == (0, "OK:"), proved.stdout + proved.stderr
        assert verify(archive, "0" * 64, cwd=other).returncode == 1
    # the same data once more: the same to the byte
    again = written(world)
    assert (again.pk, again.sha256) != (export.pk, "")
    assert (again.manifest_sha256, again.sha256) == (export.manifest_sha256, export.sha256)


def flipped(root, folder):
    path = next((folder / "evidence").iterdir())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return "changed: organs/"


def missing(root, folder):
    next((folder / "evidence").iterdir()).unlink()
    return "missing: organs/"


def extra(root, folder):
    (folder / "evidence" / "more.pdf").write_bytes(b"%PDF-")
    return "not in the manifest: organs/"


def other_history(root, folder):
    path = folder / "history.json"
    history = json.loads(path.read_text(encoding="utf-8"))
    history["changes"][1]["note"] = "另一种说法"
    path.write_text(json.dumps(history, ensure_ascii=False), encoding="utf-8")
    sealed_anew(root)
    return "change 2 breaks the chain"


def shortened_history(root, folder):
    path = folder / "history.json"
    history = json.loads(path.read_text(encoding="utf-8"))
    del history["changes"][-1]
    path.write_text(json.dumps(history, ensure_ascii=False), encoding="utf-8")
    sealed_anew(root)
    return "the file stands at 'recognised'"


def other_receipt(root, folder):
    path = next(path for path in (folder / "receipts").iterdir() if path.suffix == ".json")
    path.write_text(path.read_text(encoding="utf-8").replace('"remark":""', '"remark":"x"', 1), encoding="utf-8")
    sealed_anew(root)
    return "not the text whose SHA-256 was kept"


def no_folder(root, folder):
    shutil.rmtree(folder)
    sealed_anew(root)
    return "cannot be read: "


def other_head(root, folder):
    path = root / "manifest.txt"
    text = path.read_text(encoding="utf-8").replace("files ", "files 1", 1)
    path.write_text(text, encoding="utf-8")
    (root / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())
    return "the head of the manifest does not fit its lines"


def test_whatever_is_changed_afterwards_is_found(laid_out, tmp_path):
    root, folder = laid_out
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert verify(root, cwd=other).returncode == 0
    for number, change in enumerate(
        (flipped, missing, extra, other_history, shortened_history, other_receipt, no_folder, other_head)
    ):
        copy = tmp_path / f"changed-{number}"
        shutil.copytree(root, copy)
        expected = change(copy, copy / folder.relative_to(root))
        found = verify(copy, cwd=other)
        assert found.returncode == 1, change
        assert expected in found.stdout, (change, found.stdout, found.stderr)
        assert found.stderr == ""


def test_a_damaged_zip_is_found(world, lived, tmp_path):
    path = archives.path_of(written(world))
    with zipfile.ZipFile(path) as packed:
        place = next(info for info in packed.infolist() if "/evidence/" in info.filename)
    content = bytearray(path.read_bytes())
    content[place.header_offset + 30 + len(place.filename.encode()) + 5] ^= 1
    for broken in (bytes(content), bytes(content[:-200]), b""):
        (tmp_path / "broken.zip").write_bytes(broken)
        found = verify(tmp_path / "broken.zip", cwd=tmp_path)
        assert (found.returncode, found.stderr) == (1, "")


# --- asking, writing, failing ----------------------------------------------------------------------------------------


def test_only_officials_of_the_municipality_ask_and_only_for_a_closed_round(world):
    with pytest.raises(Refused, match="closed"):
        archives.ask_for_archive(world.cycle, by=world["city"])
    cycles.close_cycle(world.cycle, by=world["city"])
    for person in ("official", "clerk", "inspector", "viewer", "registrar", "state", "stranger"):
        with pytest.raises(Forbidden):
            archives.ask_for_archive(world.cycle, by=world[person])
    with pytest.raises(Refused, match="how long"):
        archives.ask_for_archive(world.cycle, by=world["city"], retention="7")
    archives.ask_for_archive(world.cycle, by=world["city"], retention="permanent")
    with pytest.raises(Refused, match="already"):
        archives.ask_for_archive(world.cycle, by=world["superior"])
    assert Event.objects.get(verb="ask_for_archive").after == {"cycle": world.cycle.pk, "retention": "permanent"}


def test_a_draw_that_is_not_published_yet_is_not_told_by_an_archive(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    cycles.close_cycle(world.cycle, by=world["city"])
    with pytest.raises(Refused, match="publish it first"):
        archives.ask_for_archive(world.cycle, by=world["city"])
    draws.publish_draw(file.pool_member.pool.draw, by=world["superior"])
    assert archives.ask_for_archive(world.cycle, by=world["city"]).pk


def test_of_a_visit_that_was_not_filed_an_archive_says_only_that(world):
    file = world.bring_to(stages.SUBMITTED)
    for number, who in enumerate(("inspector", "inspector2")):
        type(world[who]).objects.filter(username=who).update(name=f"巡视员{number}")
    day = clock.today() + timedelta(days=3)
    team = [world["inspector"], world["inspector2"]]
    visit = teams.assign(file, team=team, lead=team[0], visit_on=day, by=world["official"])
    indicator = world.standard.indicators.get(code="3.4")
    findings.raise_finding(
        visit, indicator, kind="by_deadline", due_on=day, text="水龙头滴漏", by=team[0], photos=[a_picture()]
    )
    visit_photos.keep_item_photos(visit, indicator, by=team[0], photos=[a_picture()])
    inspections.save_rating(visit, indicator, by=team[1], found=builders.best_finding(indicator), remark="尚可")
    inspections.record_veto(visit, kind="verified_waste", reason="长明灯", by=team[0])
    teams.change_team(visit, team=[*team], lead=team[1], visit_on=day, by=world["official"])
    cycles.close_cycle(world.cycle, by=world["city"])
    export = written(world)
    with zipfile.ZipFile(archives.path_of(export)) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    [visits] = [json.loads(text) for name, text in texts.items() if name.endswith("visits.json")]
    assert visits == [{"kind": "inspection", "kind_text": visits[0]["kind_text"], "filed_at": ""}]
    said = ("水龙头滴漏", "尚可", "长明灯", day.isoformat(), team[0].name, team[1].name)
    found = {(word, name) for name, text in texts.items() for word in said if word.encode() in text}
    assert found == set()


def test_whoever_asked_hears_that_it_is_ready(world, lived):
    export = written(world)
    assert (export.state, export.organs, export.organs_total) == ("done", 2, 2)
    message = Message.objects.get(kind="archive_ready")
    assert (message.user, message.address) == (world["city"], reverse("cycle_archive", args=[world.cycle.pk]))
    assert str(world.cycle.year) in message.what


def test_the_file_goes_after_its_days_and_the_row_stays_with_its_proof(world, sign_in, settings):
    cycles.close_cycle(world.cycle, by=world["city"])
    settings.ARCHIVE_DAYS = 30
    export, page = written(world), reverse("cycle_archive", args=[world.cycle.pk])
    for days, there in ((30, True), (31, False), (32, False)):
        with time_machine.travel(export.done_at + timedelta(days=days, seconds=-1), tick=False):
            nightly()
            assert (days, archives.path_of(export).is_file()) == (days, there)
            text = sign_in("city").get(page).text
            assert (export.sha256 in text, "Deleted after its time" in text) == (True, not there)
    assert ArchiveExport.objects.get() == export
    assert Event.objects.get(verb="delete_archive").after == {"sha256": export.sha256}
    answer = sign_in("city").post(reverse("archive_download", args=[export.pk]), keyed(), follow=True)
    assert "Ask for it anew" in answer.text
    again = written(world)
    assert (again.sha256, again.pk == export.pk) == (export.sha256, False)


def test_hashing_a_finished_file_shows_signs_of_life_and_stops_for_another_worker(world, tmp_path, monkeypatch):
    cycles.close_cycle(world.cycle, by=world["city"])
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    rows = ArchiveExport.objects.filter(pk=export.pk)
    rows.update(state="running", tries=1, beat_at=None)
    export.refresh_from_db()
    monkeypatch.setattr(claims, "CHUNK", 4)
    big = tmp_path / "big"
    big.write_bytes(b"x" * 4 * 200)
    assert claims.sha256_of(big, row=export) == hashlib.sha256(b"x" * 800).hexdigest()
    assert rows.get().beat_at is not None
    rows.update(tries=2)  # another worker took over
    with pytest.raises(claims.Overtaken):
        claims.sha256_of(big, row=export)


def test_no_task_may_run_longer_than_its_message_stays_with_its_worker(settings):
    limits = {task.name: task.time_limit or settings.CELERY_TASK_TIME_LIMIT for task in current_app.tasks.values()}
    assert limits["reviews.tasks.work_off_archives"] == settings.LONGEST_TASK_SECONDS
    assert {name: limit for name, limit in limits.items() if limit > settings.LONGEST_TASK_SECONDS} == {}
    if settings.REDIS_URL:
        assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > max(limits.values())


class Killed(BaseException):
    """What a dying worker does: no handler of ours runs."""


def test_a_worker_killed_between_two_organs_leaves_no_half_archive_and_the_next_one_succeeds(world, lived, monkeypatch):
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    whole, written_so_far = organs.organ_of, []

    def dies(file_id, path, indicators):
        if written_so_far:
            raise Killed
        written_so_far.append(file_id)
        return whole(file_id, path, indicators)

    monkeypatch.setattr(queue.organ, "organ_of", dies)
    monkeypatch.setattr(Path, "unlink", lambda *_args, **_more: None)  # nothing is tidied up by the dead
    with pytest.raises(Killed):
        work_off_archives()
    monkeypatch.undo()
    export.refresh_from_db()
    folder = archives.path_of(export).parent
    assert (export.state, export.tries, export.organs) == ("running", 1, 1)
    assert [path.suffix for path in folder.iterdir()] == [".part"]
    work_off_archives()  # it may still be alive
    export.refresh_from_db()
    assert export.tries == 1
    ArchiveExport.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries, export.organs) == ("done", 2, 2)
    assert [path.name for path in folder.iterdir()] == [f"{export.pk}-2.zip"]


def test_who_comes_back_after_another_took_over_touches_nothing(world, lived, monkeypatch):
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    whole = organs.organ_of

    def slow(file_id, path, indicators):
        monkeypatch.undo()
        ArchiveExport.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
        work_off_archives()  # another worker, from the beginning to the end
        return whole(file_id, path, indicators)

    monkeypatch.setattr(queue.organ, "organ_of", slow)
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries) == ("done", 2)
    assert [path.name for path in archives.path_of(export).parent.iterdir()] == [f"{export.pk}-2.zip"]
    assert Message.objects.filter(kind="archive_ready").count() == 1


def test_a_lost_original_fails_three_times_and_says_which(world, lived):
    lost = Evidence.objects.filter(organ=world.organ, purpose="evidence").first()
    Path(lost.original.path).write_bytes(b"something else")
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    for tries in (1, 2):
        work_off_archives()
        export.refresh_from_db()
        assert (export.state, export.tries) == ("waiting", tries)
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries) == ("failed", 3)
    assert lost.name in export.fault
    assert list(archives.path_of(export).parent.iterdir()) == []
    assert Message.objects.get(kind="archive_failed").user == world["city"]
    # parked for good; another one may be asked for
    work_off_archives()
    assert ArchiveExport.objects.get(pk=export.pk).tries == 3
    assert archives.ask_for_archive(world.cycle, by=world["city"]).pk != export.pk


def test_the_sweep_rings_for_what_waits(world, lived, monkeypatch):
    rung = []
    monkeypatch.setattr("reviews.tasks.ring", rung.append)
    sweep()
    assert rung == []
    archives.ask_for_archive(world.cycle, by=world["city"])
    sweep()
    assert rung == ["reviews.tasks.work_off_archives"]


def test_an_organ_with_more_papers_costs_no_more_statements(world, lived):
    indicators = rounds.round_of(world.cycle.pk).indicators

    def statements(file):
        with CaptureQueriesContext(connection) as seen:
            organs.organ_of(file.pk, "x", indicators)
        return len(seen)

    other = files.start(world.organ, builders.make_cycle(world.city, world.standard, by=world["city"], year=2031),
                        by=world["clerk"])  # fmt: skip
    builders.answer_everything(other, by=world["clerk"])
    few = statements(_handed_over(world, other))
    more = builders.make_cycle(world.city, world.standard, by=world["city"], year=2032)
    other = files.start(world.organ, more, by=world["clerk"])
    builders.answer_everything(other, by=world["clerk"])
    for number in range(3):
        paper = evidence.upload_evidence(world.organ, builders.a_pdf(f"{number}.pdf"), by=world["clerk"])
        evidence.attach(other, world.standard.indicators.get(code="3.4"), paper, by=world["clerk"])
    assert statements(_handed_over(world, other)) == few <= 45


def _handed_over(world, file):
    files.prepare(file, by=world["clerk"])
    files.submit(file, by=world["signatory"])
    file.refresh_from_db()
    return file


# --- pages -----------------------------------------------------------------------------------------------------------


def test_an_official_asks_waits_and_downloads_and_each_download_is_recorded(world, lived, sign_in):
    client, page = sign_in("city"), reverse("cycle_archive", args=[world.cycle.pk])
    assert page in client.get(reverse("cycle_detail", args=[world.cycle.pk])).content.decode()
    assert client.post(page, keyed(retention="10")).status_code == 302
    moving = client.get(page, headers={"hx-request": "true"})
    assert 'hx-trigger="every 2s"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    again = client.post(page, keyed(retention="10"))
    assert "being written already" in again.content.decode()
    work_off_archives()
    assert client.get(page, headers={"hx-request": "true"})["HX-Refresh"] == "true"
    export = ArchiveExport.objects.get()
    shown = client.get(page).content.decode()
    assert export.sha256 in shown
    assert export.manifest_sha256 in shown
    address = reverse("archive_download", args=[export.pk])
    answer = client.post(address, keyed())
    assert answer.streaming
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == export.sha256
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(verb="download_archive").by == world["city"]
    for person, status in (("official", 404), ("state", 404), ("clerk", 404), ("viewer", 404), ("stranger", 404)):
        assert sign_in(person).post(address, keyed()).status_code == status, person
    assert sign_in("official").get(page).status_code == 403
    assert page not in sign_in("official").get(reverse("cycle_detail", args=[world.cycle.pk])).content.decode()


def test_what_is_not_ready_is_not_handed_out(world, sign_in):
    cycles.close_cycle(world.cycle, by=world["city"])
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    answer = sign_in("city").post(reverse("archive_download", args=[export.pk]), keyed(), follow=True)
    assert "not there to be downloaded" in answer.content.decode()
    assert not Event.objects.filter(verb="download_archive").exists()


def test_a_list_of_archives_costs_the_same_however_long_it_is(world, sign_in):
    cycles.close_cycle(world.cycle, by=world["city"])
    client, page = sign_in("city"), reverse("cycle_archive", args=[world.cycle.pk])

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    written(world)
    client.get(page)
    few = statements()
    written(world)
    written(world)
    assert statements() == few


def test_everybody_gets_the_program(client):
    answer = client.get(reverse("archive_verifier"))
    assert answer.content == VERIFIER.read_bytes()
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) < 120


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
    _handed_over(world, file)
    cycles.close_cycle(world.cycle, by=world["city"])
    root = tmp_path / "tricks"
    queue.write_folders(world.cycle.pk, root, retention="10")
    (kept,) = [path for path in root.rglob("*.pdf") if path.name.startswith(paper.sha256[:16])]
    assert kept.parent.name == "evidence"
    assert re.fullmatch(r"[0-9a-f]{16}-[\w ._()-]+\.pdf", kept.name)
    assert "<b>" not in (kept.parent.parent / "index.html").read_text(encoding="utf-8")
    assert verify(root, cwd=tmp_path).returncode == 0
