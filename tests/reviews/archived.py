"""A round that was lived through and closed, and its archive: what the tests of archives need."""

import os
import shutil
import subprocess
import sys

import pytest

from creation import clock, stages
from creation.actions import cycles, files
from reviews.actions import archives, findings, inspections, objections, visit_photos
from reviews.archives import organ as organs
from reviews.archives import queue
from reviews.archives import round as rounds
from reviews.demo import builders
from reviews.models import ArchiveExport
from reviews.tasks import work_off_archives
from tests.scene import a_picture

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
    objections.hear(objection, text="已加装感应开关", files=[builders.a_pdf("开关.pdf")], by=world["clerk"])
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


def handed_over(world, file):
    files.prepare(file, by=world["clerk"])
    files.submit(file, by=world["signatory"])
    file.refresh_from_db()
    return file
