"""Cleared files are put on a notice; the official calendar in which its period is counted."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.events import record
from creation.errors import Overtaken, Refused
from creation.models import Assessment
from creation.rules import require
from reviews import workdays
from reviews.models import CalendarDay, CalendarYear, Listing, Notice

FIELDS = ("title", "basis", "process", "office", "office_phone", "office_address", "office_mailbox")


class UnknownCalendar(Refused):
    """A period would reach into a `year` whose working days nobody has entered."""

    def __init__(self, year: int):
        text = _("The official calendar of %(year)s is not known yet. Enter its days with their source first.")
        super().__init__(text % {"year": year})
        self.year = year


def work_calendar() -> workdays.WorkCalendar:
    """Return the official calendar together with the years and days that were entered by hand; one statement."""
    entered = list(CalendarYear.objects.order_by().values_list("year", "days__day", "days__is_workday"))
    extra = {day: is_workday for _year, day, is_workday in entered if day}
    return workdays.official(extra, {year for year, _day, _is_workday in entered})


def cleared_files(cycle):
    """Return the cleared files of the cycle that stand on no notice yet."""
    return (
        Assessment.objects.filter(cycle=cycle, stage=stages.CHECKED, listing__isnull=True)
        .select_related("organ__region")
        .order_by("organ__region__position", "organ__credit_code")
    )


@transaction.atomic
def draft_notice(notice: Notice, files: list[Assessment], *, by) -> Notice:
    """Keep a drafted notice with its files and return it; refused without files or for one that is not cleared."""
    require(by, "notice.manage", notice.cycle)
    if not files:
        raise Refused(_("Choose at least one cleared organ."), field="files")
    notice.region, notice.drafted_by, notice.drafted_at = notice.cycle.region, by, clock.now()
    notice.save(force_insert=True)
    _list(notice, files)
    return notice


def _list(notice: Notice, files: list[Assessment]) -> None:
    cleared = set(cleared_files(notice.cycle).values_list("pk", flat=True))
    taken = _("Not every organ chosen is cleared and free for a notice.")
    if {file.pk for file in files} - cleared:
        raise Refused(taken, field="files")
    try:
        with transaction.atomic():
            Listing.objects.bulk_create(_listing(notice, number, file) for number, file in enumerate(files, start=1))
    except IntegrityError as error:  # a colleague put one of them on another draft at this moment
        raise Overtaken(taken, field="files") from error


def _listing(notice: Notice, number: int, file: Assessment) -> Listing:
    organ = file.organ
    return Listing(
        notice=notice,
        assessment=file,
        number=number,
        organ_name=organ.name,
        organ_name_en=organ.name_en,
        region_name=organ.region.name,
        region_name_en=organ.region.name_en,
        level=organ.region.kind,
        batch=notice.cycle.batch,
    )


@transaction.atomic
def edit_notice(notice: Notice, changes: dict, *, by) -> Notice:
    """Change the wording of a drafted notice and return it; refused once it is handed in or published."""
    require(by, "notice.manage", notice.cycle)
    held = _held_draft(notice)
    before = {field: getattr(held, field) for field in FIELDS if getattr(held, field) != changes[field]}
    if not before:
        return held
    for field in before:
        setattr(held, field, changes[field])
    held.edited_by = by
    held.save(update_fields=[*before, "edited_by"])
    record("change", held, by=by, before=before, after={field: changes[field] for field in before})
    return held


def _held_draft(notice: Notice) -> Notice:
    """Return the notice with its row locked; refused unless it is a draft that lies with nobody else."""
    held = Notice.objects.select_for_update().get(pk=notice.pk)
    if held.is_published:
        raise Refused(_("A published notice never changes."))
    if held.is_handed_in:
        raise Overtaken(_("The draft has been handed in: take it back before you change it."))
    return held


@transaction.atomic
def discard_notice(notice: Notice, *, by) -> None:
    """Throw a drafted notice away; its files are free for another. Refused once it is handed in or published."""
    require(by, "notice.manage", notice.cycle)
    held = _held_draft(notice)
    record("discard", held, by=by, before={"title": held.title})
    held.listings.all().delete()
    held.delete()


def period_from(day, days: int):
    """Return the first and the last day of a notice published on `day`; refused for a year the calendar lacks."""
    try:
        return workdays.notice_period(day, days, work_calendar())
    except workdays.UnknownYear as error:
        raise UnknownCalendar(error.year) from error


@transaction.atomic
def enter_calendar(year: int, days: dict, *, source: str, by) -> CalendarYear:
    """Enter or correct a year of the official calendar (day → is a workday) with its source and return it.

    Only days that differ from the plain week are needed. Refused for a day of another year and without a source.
    """
    require(by, "calendar.enter")
    if not source.strip():
        raise Refused(_("Name the source: the document number of the official arrangement."), field="source")
    wrong = [(day.isoformat(), _("Lies in another year.")) for day in days if day.year != year]
    if wrong:
        raise Refused(_("Not every day fits."), problems=wrong, field="days")
    row, _created = CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source, "entered_by": by, "entered_at": clock.now()}
    )
    before = {day.isoformat(): work for day, work in row.days.values_list("day", "is_workday")}
    row.days.all().delete()
    CalendarDay.objects.bulk_create(CalendarDay(year=row, day=day, is_workday=work) for day, work in days.items())
    record("enter_calendar", row, by=by, before=before, after={day.isoformat(): work for day, work in days.items()})
    return row
