"""What the archive says of the round as a whole: its rules, standard, draws, notices, calendar and register."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from creation import stages
from creation.forms.cycles import SETTINGS
from creation.models import WINDOWS, Assessment, Cycle, Indicator, Organ, Standard
from reviews import workdays
from reviews.actions.notices import work_calendar
from reviews.archives.organ import PATH, path_of
from reviews.archives.plain import day_of, instant
from reviews.archives.writing import Piece, as_json
from reviews.archiving import Described
from reviews.exporting import draw_document
from reviews.models import CalendarYear, Notice, PublishedKey, RateAnnouncement, VerificationSheet

ROUND = "round"
OFFLINE = Path(__file__).resolve().parent.parent / "offline"
VERIFIER = OFFLINE / "verify_archive.py"
DRAW_VERIFIER = OFFLINE / "verify_draw.py"
STYLE = OFFLINE / "archive.css"


@dataclass(frozen=True, slots=True)
class Round:
    """What every folder of an archive shares: the round, its indicators by id, the register.

    `files` are the ids of the files, with the names of their folders.
    """

    cycle: Cycle
    indicators: dict[int, Indicator]
    register: list[dict]
    files: list[tuple[int, str]]


def round_of(cycle_id: int) -> Round:
    """Return a closed round with the register as it was while the round was open."""
    cycle = Cycle.objects.select_related("region__department", "standard").get(pk=cycle_id)
    indicators = {one.pk: one for one in cycle.standard.indicators.select_related("dimension")}
    files = {file.organ_id: file for file in Assessment.objects.filter(cycle=cycle).select_related("organ__region")}
    since, until = day_of(cycle.opened_at), day_of(cycle.closed_at)
    there = Q(established_on__lte=until) & (Q(abolished_on=None) | Q(abolished_on__gt=since))
    organs = Organ.objects.filter(region__paths_up__ancestor=cycle.region_id).filter(there | Q(pk__in=files))
    register = [_registered(organ, files.get(organ.pk)) for organ in organs.select_related("region")]
    register.sort(key=lambda row: (row["region_code"], row["credit_code"]))
    ordered = sorted(files.values(), key=lambda file: (file.organ.region.code, file.organ.credit_code))
    return Round(cycle, indicators, register, [(file.pk, path_of(file)) for file in ordered])


def _registered(organ: Organ, file: Assessment | None) -> dict:
    return {
        "organ": organ.name,
        "credit_code": organ.credit_code,
        "region": organ.region.name,
        "region_code": organ.region.code,
        "level": organ.region.kind,
        "established_on": organ.established_on.isoformat(),
        "abolished_on": organ.abolished_on.isoformat() if organ.abolished_on else "",
        "folder": path_of(file) if file else "",
        "stage": file.stage if file else "",
        "stage_text": str(stages.LABELS[file.stage]) if file else "",
    }


def unit_of(cycle: Cycle) -> str:
    """Return whose archive it is: the department that runs the round."""
    department = cycle.region.department
    return department.name if department else cycle.region.name


def about(cycle: Cycle) -> str:
    """Return the classification of the round's archive."""
    return _("Creation of conservation-oriented organs, round %(year)s") % {"year": cycle.year}


def described(cycle: Cycle) -> Described:
    """Return what is said of the round's own folder."""
    title = _("%(region)s: round %(year)s") % {"region": cycle.region.name, "year": cycle.year}
    return Described(title, unit_of(cycle), day_of(cycle.closed_at), cycle.batch)


def pieces_of(round_: Round) -> Iterator[Piece]:
    """Yield the pieces of the round's own folder."""
    cycle, author = round_.cycle, unit_of(round_.cycle)
    opened, closed = day_of(cycle.opened_at), day_of(cycle.closed_at)
    rules, notices = _rules(cycle), _notices(cycle)
    draws = [_draw(pool) for pool in cycle.pools.select_related("region", "cycle").order_by("region__code", "number")]
    yield Piece("round.json", Described(_("Rules of the round"), author, opened), as_json(rules))
    yield Piece(
        "standard.json",
        Described(str(cycle.standard), author, day_of(cycle.standard.published_at)),
        as_json(_standard(cycle.standard, round_.indicators)),
    )
    yield Piece("register.json", Described(_("Register of the round"), author, closed), as_json(round_.register))
    for name, closed_on, document in draws:
        yield Piece(f"draws/{name}", Described(_("Pool and draw"), author, closed_on), as_json(document))
    yield Piece("draws/verify_draw.py", None, DRAW_VERIFIER.read_bytes())
    for place, notice in enumerate(notices, start=1):
        said = Described(notice["title"], author, notice["published_at"][:10], notice["document_number"])
        yield Piece(f"notices/notice-{place}.json", said, as_json(notice))
    yield Piece("announcements.json", Described(_("Announced rates"), author, closed), as_json(_announced(cycle)))
    yield Piece("calendar.json", Described(_("Working days used"), author, closed), as_json(_calendar(notices)))
    shown = {"rules": rules, "notices": notices, "draws": [name for name, _on, _document in draws], "round": cycle}
    yield Piece(
        "sheet_keys.json", Described(_("Keys of the verification sheets"), author, closed), as_json(_keys(cycle))
    )
    yield Piece("index.html", None, render_to_string("reviews/archive/round.html", shown).encode())


def root_files(round_: Round) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of what lies beside the folders: the way in, how to read it, and what proves it."""
    cycle = round_.cycle
    shown = {"said": described(cycle), "unit": unit_of(cycle), "register": round_.register, "folders": PATH}
    yield "index.html", render_to_string("reviews/archive/index.html", shown).encode()
    yield "README.txt", render_to_string("reviews/archive/readme.txt", shown).encode()
    yield "archive.css", STYLE.read_bytes()
    yield "verify_archive.py", VERIFIER.read_bytes()


# --- from rows to plain data ---------------------------------------------------------------------------------------


def _rules(cycle: Cycle) -> dict:
    return {
        "region": cycle.region.name,
        "region_code": cycle.region.code,
        "year": cycle.year,
        "batch": cycle.batch,
        "calendar_year": cycle.calendar_year,
        "standard": f"{cycle.standard.code}/{cycle.standard.version}",
        "opened_at": instant(cycle.opened_at),
        "closed_at": instant(cycle.closed_at),
        "windows": {name: [day.isoformat() for day in cycle.window(name)] for name in WINDOWS},
        "settings": [
            {"name": name, "label": str(Cycle._meta.get_field(name).verbose_name), "value": _plain(cycle, name)}
            for name in SETTINGS
        ],
    }


def _plain(cycle: Cycle, name: str) -> bool | int | str | None:
    value = getattr(cycle, name)
    return value if value is None or isinstance(value, bool | int) else str(value)


def _standard(standard: Standard, indicators: dict[int, Indicator]) -> dict:
    return {
        "code": standard.code,
        "version": standard.version,
        "name": {"zh": standard.name, "en": standard.name_en},
        "notice": {"zh": standard.notice, "en": standard.notice_en},
        "effective_from": standard.effective_from.isoformat(),
        "pass_mark": str(standard.pass_mark),
        "full_points": str(standard.full_points),
        "bonus_cap": str(standard.bonus_cap),
        "source_sha256": standard.source_sha256,
        "indicators": [_indicator(one) for one in indicators.values()],
    }


def _indicator(one: Indicator) -> dict:
    return {
        "code": one.code,
        "dimension": one.dimension and {"code": one.dimension.code, "zh": one.dimension.name},
        "name": {"zh": one.name, "en": one.name_en},
        "points": str(one.points),
        "gate": one.gate,
        "bonus": one.bonus,
        "rubric": one.rubric,
        "check": one.check_by,
        "evidence": {"zh": one.evidence, "en": one.evidence_en},
        "evidence_required": one.evidence_required,
        "not_applicable": one.not_applicable,
        "points_source": one.points_source,
    }


def _draw(pool) -> tuple[str, str, dict]:
    """Return name, day and document of a draw; a recheck goes on after its round: it tells what has been published."""
    document = draw_document(pool, published_only=pool.is_recheck)
    return f"pool-{pool.region.code}-{pool.number}.json", day_of(pool.closed_at), document


def _notices(cycle: Cycle) -> list[dict]:
    """Return the notices that have been published; a draft is nobody's business yet."""
    published = cycle.notices.exclude(published_at=None).select_related("order", "published_by")
    return [_notice(notice) for notice in published.prefetch_related("listings").order_by("published_at", "pk")]


def _notice(notice: Notice) -> dict:
    order = getattr(notice, "order", None)
    return {
        "title": notice.title,
        "basis": notice.basis,
        "process": notice.process,
        "office": notice.office,
        "office_phone": notice.office_phone,
        "office_address": notice.office_address,
        "office_mailbox": notice.office_mailbox,
        "published_at": instant(notice.published_at),
        "published_by": notice.published_by.name,
        "first_day": notice.first_day.isoformat(),
        "last_day": notice.last_day.isoformat(),
        "working_days": notice.working_days,
        "batch": order.batch if order else "",
        "document_number": order.document_number if order else "",
        "list": [
            {"number": row.number, "organ": row.organ_name, "region": row.region_name, "level": row.level}
            for row in notice.listings.all()
        ],
    }


def _announced(cycle: Cycle) -> list[dict]:
    """Return the rates that were announced for the municipality from the round's opening to the next round's."""
    rows = RateAnnouncement.objects.filter(
        region__paths_up__ancestor=cycle.region_id, as_of__gte=day_of(cycle.opened_at)
    )
    following = (
        Cycle.objects.filter(region=cycle.region_id, opened_at__gt=cycle.opened_at).order_by("opened_at").first()
    )
    if following is not None:
        rows = rows.filter(as_of__lt=day_of(following.opened_at))
    return [
        {
            "title": row.title,
            "document_number": row.document_number,
            "region": row.region.name,
            "as_of": row.as_of.isoformat(),
            "at": instant(row.at),
            "rows": row.rows,
        }
        for row in rows.select_related("region").order_by("at", "pk")
    ]


def _keys(cycle: Cycle) -> list[dict]:
    """Return the public keys by which the round's verification sheets are checked for ever."""
    used = VerificationSheet.objects.filter(recognition__assessment__cycle=cycle).values("key_id")
    rows = PublishedKey.objects.filter(key_id__in=used).order_by("since", "pk")
    return [{"key_id": row.key_id, "public_key": row.public_key, "since": instant(row.since)} for row in rows]


def _calendar(notices: list[dict]) -> dict:
    """Return for each day of each notice's period whether it is a working day, and where that is known from."""
    calendar, days = work_calendar(), {}
    for notice in notices:
        first, last = (date.fromisoformat(notice[end]) for end in ("first_day", "last_day"))
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            days[day.isoformat()] = calendar.is_workday(day)
    years = {int(day[:4]) for day in days}
    entered = {row.year: row.source for row in CalendarYear.objects.filter(year__in=years)}
    sources = {
        str(year): entered.get(year) or ("chinesecalendar" if year in workdays.library_years() else "")
        for year in sorted(years)
    }
    return {"days": days, "sources": sources}
