"""A report is asked for, and handed out to whoever asked: with the rights of the moment, both times."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.messages import Telling, tell
from creation.doorbell import ring
from creation.errors import Forbidden, Refused
from creation.models import Region, User
from portal.reports.kinds import KINDS
from reviews.models import Report

TASK = "portal.tasks.work_off_reports"
AT_WORK = (Report.State.WAITING, Report.State.RUNNING)
REACH = "reach"  # in `asked` of a written report: the rights it was written with
KEY_LENGTH = 32


def ask(kind: str, report_format: str, asked: Mapping[str, str], *, by) -> Report:
    """Ask for a report and return its row; one that waits already with the very same is returned instead.

    Raises `Forbidden` for what the person may not have. Refused for a form that the kind has not, and beyond
    REPORTS_WAITING of one person.
    """
    wanted = KINDS[kind].clean(asked, by) if kind in KINDS else None
    if wanted is None:
        raise Forbidden(_("You do not have the right to this step."))
    if report_format not in KINDS[kind].formats:
        raise Refused(_("This is not written in that form."))
    language = get_language() or settings.LANGUAGE_CODE
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # one after the other, where the database locks rows
        mine = Report.objects.filter(asked_by=by, state__in=AT_WORK).order_by("pk")
        for row in mine:
            if (row.kind, row.format, row.asked, row.language) == (kind, report_format, wanted, language):
                return row
        if len(mine) >= settings.REPORTS_WAITING:
            raise Refused(
                ngettext(
                    "You have %(number)s report waiting already. Ask again once it is ready.",
                    "You have %(number)s reports waiting already. Ask again once one is ready.",
                    len(mine),
                )
                % {"number": len(mine)}
            )
        report = Report.objects.create(
            kind=kind, format=report_format, asked=wanted, language=language, asked_by=by, asked_at=clock.now()
        )
        record("ask_for_report", report, by=by, after={"kind": kind, "format": report_format, "asked": wanted})
        ring(TASK)
    return report


def hand_out(report: Report, *, by) -> Path:
    """Return where the written report lies, for its download, which is recorded.

    Refused until it is ready, once its file has been deleted, and for whoever has lost a right it was written with.
    """
    if report.asked_by_id != by.pk:
        raise Forbidden(_("You do not have the right to this step."))
    path = path_of(report)
    if report.state != Report.State.DONE or report.removed_at or not path.is_file() or not is_known(report):
        raise Refused(_("This report is not there to be downloaded."))
    if KINDS[report.kind].clean(asked_of(report), by) is None or not still_reaches(report.asked[REACH], by):
        raise Refused(_("Your posts have changed since this was written. Ask for it again."))
    record("download_report", report, by=by, after={"sha256": report.sha256})
    return path


def reach_of(user) -> dict[str, list]:
    """Return the rights a report is written with: the posts of the moment, and the files one is asked to look at."""
    return {
        "posts": sorted([post.role, post.region_id or 0, post.organ_id or 0] for post in user.posts),
        "files": sorted(user.asked_files().values_list("assessment_id", flat=True)),
    }


def still_reaches(then: Mapping[str, list], user) -> bool:
    """Tell whether a person may still read what was written with the rights of then.

    Whoever has lost a post or a file may not; nor does somebody who works at another organ by now, since staff of an
    organ hear of some steps later than others do.
    """
    now = reach_of(user)
    at_organs = {organ for _role, _region, organ in now["posts"] if organ}
    return (
        all(post in now["posts"] for post in then["posts"])
        and set(then["files"]) <= set(now["files"])
        and at_organs <= {organ for _role, _region, organ in then["posts"] if organ}
    )


def path_of(report: Report) -> Path:
    """Return where the report lies: named by its row and try alone, so that no late worker touches a finished one."""
    return Path(settings.MEDIA_ROOT) / "reports" / f"{report.pk}-{report.tries}.{report.format}"


def key_of(report: Report) -> str:
    """Return what stands in the address of a download, so that nobody comes upon one by counting."""
    return salted_hmac("portal.reports", str(report.pk), algorithm="sha256").hexdigest()[:KEY_LENGTH]


def has_key(report: Report, key: str) -> bool:
    """Tell whether an address belongs to the report."""
    return constant_time_compare(key, key_of(report))


def is_known(report: Report) -> bool:
    """Tell whether the portal still has reports of this kind; what is left of others is handed out no longer."""
    return report.kind in KINDS


def asked_of(report: Report) -> dict[str, str]:
    """Return what was asked for, without what the portal noted beside it."""
    return {name: value for name, value in report.asked.items() if name != REACH}


def titles_of(reports: Iterable[Report]) -> list[str]:
    """Return what each report is, in the language of the moment; one statement, however many they are."""
    rows = list(reports)
    codes = {row.asked["region"] for row in rows if row.asked.get("region")}
    names = {region.code: region for region in Region.objects.filter(code__in=codes)}
    return [_title(row, names) for row in rows]


def _title(report: Report, names: Mapping[str, Region]) -> str:
    kind = KINDS.get(report.kind)
    if kind is None:  # of an earlier version of the portal
        return f"{report.kind} · {report.get_format_display()}"
    return f"{kind.label} · {kind.about(asked_of(report), names)} · {report.get_format_display()}"


def tell_of(report: Report, kind: str, *, by=None) -> None:
    """Tell whoever asked that the report is ready, or that there is none; part of the worker's last step."""
    texts = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            texts += titles_of([report])
    tell([Telling(report.asked_by, kind, f"report:{report.pk}", values={"report": texts})], by=by)


def clear_old() -> int:
    """Delete the files of reports whose time is over, and return how many; the rows stay and say so."""
    limit = clock.now() - timedelta(days=settings.REPORT_DAYS)
    cleared = 0
    for report in Report.objects.filter(ended_at__lt=limit, removed_at=None).exclude(state__in=AT_WORK):
        path_of(report).unlink(missing_ok=True)
        cleared += Report.objects.filter(pk=report.pk, removed_at=None).update(removed_at=clock.now())
    return cleared
