"""Works off the reports that were asked for. The row is the queue; a killed worker leaves no half report behind."""

import time

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from creation import clock
from creation.errors import Refused
from portal.reports.asking import path_of, reach_of, tell_of
from portal.reports.kinds import KINDS, Order
from reviews import claims
from reviews.models import Report

BEAT = 1.0  # seconds between two notes of how far a report is


def work_off() -> None:
    """Write every report that waits; may run twice at once, each is claimed by compare-and-set.

    A report that fails is tried again, three times in all; then it is parked as failed, with the fault.
    """
    claims.work_off(WORK)


def _rows() -> QuerySet:
    return Report.objects.select_related("asked_by")


def _write(report: Report) -> None:
    user, kind = report.asked_by, KINDS[report.kind]
    part = claims.begin(path_of(report))
    with translation.override(report.language):
        asked = kind.clean(report.asked, user)
        if asked is None:
            raise Refused(_("You do not have the right to this report any more."))
        reach = reach_of(user)
        noted = _Noted(report)
        kind.write(Order(asked, user, report.format, part, noted))
    noted.at_last()
    found = {"sha256": claims.sha256_of(part), "size": part.stat().st_size}
    claims.settle(part, path_of(report))
    _done(report, report.asked | {"reach": reach}, found)


def _done(report: Report, asked: dict, found: dict) -> None:
    place = report.asked.get("region")
    name = "-".join(part for part in (report.kind, place, f"{clock.today():%Y%m%d}", str(report.pk)) if part)
    written = {"name": f"{name}.{report.format}", "asked": asked, "fault": "", **found}
    with transaction.atomic():
        claims.end(report, path_of(report), state=Report.State.DONE, ended_at=clock.now(), **written)
        tell_of(report, "report_ready")


def _given_up(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(ended_at=clock.now())
    tell_of(report, "report_failed")


class _Noted:
    """Hears how far a report is and notes it, at most once a second; `Overtaken` when another worker took over."""

    def __init__(self, report: Report):
        self.report, self.noted_at, self.last = report, 0.0, (0, 0)

    def __call__(self, done: int, total: int) -> None:
        self.last = (done, total)
        if time.monotonic() - self.noted_at >= BEAT:
            self.at_last()

    def at_last(self) -> None:
        """Note what was heard last."""
        self.noted_at = time.monotonic()
        claims.beat(self.report, done=self.last[0], total=self.last[1])


WORK = claims.Work(_rows, _write, _given_up, path_of, {"done": 0, "total": 0})
