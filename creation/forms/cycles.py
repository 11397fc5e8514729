"""Laying out a yearly round."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.days import DayField
from creation.forms.shape import ShapeForm
from creation.models import WINDOWS, Cycle, Region, Standard

SETTINGS = {
    "notice_days": _("The shortest period is 5 working days, counted from the day after publication."),
    "sample_share": _("Share of the inspected files of each region that the superior draws for its spot check."),
    "sample_minimum": _("At least so many files are drawn in each region, however small the share."),
    "longer_chance_years": _(
        "Organs that nobody has visited for so many years have two tickets in the draw. Empty: the same chance for all."
    ),
    "team_size": _("An inspection or spot check with fewer people cannot be assigned."),
    "conflict_years": _("Who worked at the organ within so many years does not inspect it."),
    "reminder_days": _("Whoever has something to do by a date is reminded so many days before it."),
    "blind": _("Inspectors see the organ's evidence, but its points only once they have filed their own."),
    "publish_scores": _("Off: the public list names organs without their points."),
    "anonymous_objections": _("Off: an objection needs a real name with phone, or a unit's seal."),
    "hearing_days": _("So long an organ may answer before a title is taken back."),
    "retention_months": _("Then name, phone, seal and files of whoever objected are erased; the decision stays."),
    "recognition_years": _("Empty: a recognition stays until it is revoked or replaced."),
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
ROUND = ("region", "year", "batch", "calendar_year", "standard")
DAYS = tuple(f"{name}_{end}" for name in WINDOWS for end in ("from", "until"))


def usual_windows(year: int) -> dict[str, date]:
    """Return the windows of a round as it usually runs: publicised by the end of December, announced by March."""
    return {
        "self_rating_from": date(year, 3, 1),
        "self_rating_until": date(year, 6, 30),
        "inspection_from": date(year, 7, 1),
        "inspection_until": date(year, 9, 30),
        "spot_check_from": date(year, 10, 1),
        "spot_check_until": date(year, 11, 30),
        "publicity_from": date(year, 12, 1),
        "publicity_until": date(year + 1, 3, 31),
    }


class CycleForm(ShapeForm):
    """A round: its name and standard, its windows, its settings. Whether it may exist is the verb's question."""

    class Meta:
        model = Cycle
        fields = (*ROUND, *DAYS, *SETTINGS)
        field_classes = dict.fromkeys(DAYS, DayField)
        help_texts = {
            "year": _("The round's name. One round a year in a municipality."),
            "batch": _("The State's batch to which this round reports."),
            "calendar_year": _("The year whose energy figures are rated; usually the one before."),
            "standard": _("Only published standards can be chosen. The round keeps this version to its end."),
            **{f"{name}_until": _("Inclusive: the whole last day counts, Asia/Shanghai.") for name in WINDOWS},
            **SETTINGS,
        }

    def __init__(self, *args, regions: list[Region], **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial = _defaults(regions) | self.initial
        for name in ("year", "calendar_year"):
            self.fields[name].validators += [MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
        self.fields["region"].queryset = Region.objects.filter(pk__in=[region.pk for region in regions])
        self.fields["standard"].queryset = Standard.objects.filter(published_at__isnull=False)

    def groups(self) -> list[tuple[object, list[forms.BoundField]]]:
        """Return the fields in groups, each with its heading."""
        parts = ((_("The round"), ROUND), (_("Windows"), DAYS), (_("Settings"), tuple(SETTINGS)))
        return [(title, [self[name] for name in names]) for title, names in parts]


def _defaults(regions: list[Region]) -> dict:
    newest = Cycle.objects.filter(region__in=regions).aggregate(year=Max("year"))["year"]
    year = newest + 1 if newest else clock.today().year
    standard = Standard.objects.filter(published_at__isnull=False).order_by("-effective_from", "-version").first()
    return {
        "region": regions[0] if len(regions) == 1 else None,
        "year": year,
        "batch": str(year),
        "calendar_year": year - 1,
        "standard": standard,
        **usual_windows(year),
    }
