"""`manage.py show_rates`: the completion rates of any day, counted anew and not read from the snapshot."""

import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from creation import clock
from creation.models import Region
from reviews import rates

COLUMNS = ("region", "level", "organs", "recognised", "rate", "targets")


class Command(BaseCommand):
    help = "Show recognised ÷ organs of every region and level on any day, and how they stand to their targets."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", metavar="DATE", help="the day, such as 2021-08-23 (default: today)")
        parser.add_argument("--region", metavar="CODE", help="only this region and everything below it")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args, as_of=None, region=None, **options):
        rows = rows_on(_day(as_of), _regions(region))
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for line in _table(rows):
            self.stdout.write(line)


def rows_on(day: date, regions: list[Region]) -> list[dict]:
    """Return one row per region and level that has or had organs, in the order of `regions`, levels from the top.

    `rate` is the percentage rounded down to two places, or None on a day without organs; targets are decided exactly.
    """
    parents = rates.region_parents()
    counts, targets = rates.counts_on(day, parents), rates.targets_on(day)
    pairs = rates.levels_with_organs(parents)
    return [
        _row(region, level, day, counts.get((region.pk, level), rates.Counts()), held)
        for region in regions
        for level in rates.LEVELS
        if (region.pk, level) in pairs
        for held in [rates.targets_for(rates.path_of(region.pk, parents), level, targets)]
    ]


def _row(region: Region, level: str, day: date, counts: rates.Counts, targets: list) -> dict:
    return {
        "region": region.code,
        "level": level,
        "as_of": day.isoformat(),
        "organs": counts.organs,
        "recognised": counts.recognised,
        "rate": counts.percent,
        "targets": [
            {
                "percent": _number(state.percent),
                "deadline": state.deadline.isoformat(),
                "met": state.met,
                "missing": state.missing,
            }
            for state in rates.target_states(counts, targets)
        ],
    }


def _number(percent) -> int | float:
    # two decimal places at most: the shortest text of the float is the decimal itself
    return int(percent) if percent == int(percent) else float(percent)


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("“%(text)s” is not a date. Write it such as 2021-08-23.") % {"text": text}) from error
    if day > clock.today():
        raise CommandError(_("%(day)s has not come yet.") % {"day": day.isoformat()})
    return day


def _regions(code: str | None) -> list[Region]:
    if code is None:
        return list(Region.objects.all())
    top = Region.objects.filter(code=code).first()
    if top is None:
        raise CommandError(_("There is no region with the code “%(code)s”.") % {"code": code})
    return list(Region.objects.at_or_below(top).order_by("position", "code"))


def _table(rows: list[dict]) -> list[str]:
    lines = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _cells(row: dict) -> tuple[str, ...]:
    targets = ", ".join(
        f"{target['percent']} % by {target['deadline']}: "
        + ("met" if target["met"] else f"{target['missing']} missing")
        for target in row["targets"]
    )
    rate = rates.NO_RATE if row["rate"] is None else f"{row['rate']} %"
    return row["region"], row["level"], str(row["organs"]), str(row["recognised"]), rate, targets
