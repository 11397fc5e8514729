"""Every queue of the portal as rows of a table: what waits, what was tried more than once, what was given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, IntegerField, Min, Q, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _

from creation.models import CountChange, Digest, Import
from reviews.actions import retries
from reviews.models import ArchiveExport, Notice, PhoneRecord, RecognitionOrder, Report, WebhookDelivery

Text = Any
NOTHING = Q(pk__in=[])
SWEPT = _("The sweep tries it again every 30 seconds.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A queue: its name in addresses, its rows, since when one waits, which rows wait and which were given up.

    `tries` and `fault` are columns, where the queue has them; `about` says of a row what may be shown to every official
    of a municipality, no name and no title. `again` says who tries a given-up row again, and how.
    """

    slug: str
    label: Text
    rows: Callable[[], QuerySet]
    since: str
    waits: Q
    again: Text
    given_up: Q = NOTHING
    tries: str = ""
    fault: str = ""
    about: Callable[[Any], Text] = lambda row: ""  # noqa: ARG005 a row of which nothing is said


STATES = ArchiveExport.State
# fmt: off
KINDS: tuple[Kind, ...] = (
    Kind("counts", _("Changes to be counted"), lambda: CountChange.objects.select_related("region"), "at", Q(), SWEPT,
         about=lambda row: row.region),
    Kind("imports", _("Imports to be checked or applied"), Import.objects.all, "at",
         Q(state__in=[Import.State.WAITING, Import.State.CHECKING, Import.State.APPLYING]),
         _("Checked anew from the beginning; whoever brought the file confirms it again."),
         given_up=Q(state=Import.State.FAULTY, preview__parked=True), tries="attempts",
         about=lambda row: row.get_kind_display()),
    Kind("notices", _("Approved notices before their instant"), Notice.objects.all, "approved_at",
         Q(approved_at__isnull=False, published_at__isnull=True), SWEPT),
    Kind("orders", _("Ordered recognitions"), RecognitionOrder.objects.all, "ordered_at",
         Q(done_at__isnull=True), SWEPT),
    Kind("mails", _("Mails that have not left"), Digest.objects.all, "made_at",
         Q(sent_at__isnull=True, attempts__lt=retries.MAIL_TRIES), _("Sent once more, three times at most."),
         given_up=Q(sent_at__isnull=True, attempts__gte=retries.MAIL_TRIES), tries="attempts", fault="fault",
         about=lambda row: row.day.isoformat()),
    Kind("archives", _("Archives to be written"), lambda: ArchiveExport.objects.select_related("cycle"), "asked_at",
         Q(state__in=[STATES.WAITING, STATES.RUNNING]), _("Whoever asked for it was told, and asks again."),
         given_up=Q(state=STATES.FAILED), tries="tries", fault="fault", about=lambda row: row.cycle.year),
    Kind("reports", _("Reports to be written"), Report.objects.all, "asked_at",
         Q(state__in=[Report.State.WAITING, Report.State.RUNNING]), _("Whoever asked for it was told, and asks again."),
         given_up=Q(state=Report.State.FAILED), tries="tries", fault="fault",
         about=lambda row: row.get_format_display()),
    Kind("webhooks", _("Messages to other systems"), WebhookDelivery.objects.all, "made_at",
         Q(sent_at__isnull=True, given_up_at__isnull=True, webhook__stopped_at__isnull=True),
         _("The owner of the address tries it again on their own page."),
         given_up=Q(given_up_at__isnull=False, webhook__stopped_at__isnull=True), tries="attempts", fault="fault",
         about=lambda row: row.topic),
    Kind("phones", _("Records from phones in quarantine"), PhoneRecord.objects.unsettled, "received_at", Q(),
         _("Settled by hand in the ledger of the visit."), about=lambda row: row.get_kind_display()),
)
# fmt: on
BY_SLUG = {kind.slug: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait: how many, since when the oldest, how many were tried before, how many were given up."""

    kind: Kind
    waiting: int
    oldest: datetime | None
    retried: int
    given_up: int

    @property
    def label(self) -> Text:
        """Return the queue's name for people."""
        return self.kind.label

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no row to be listed."""
        return not (self.waiting or self.given_up)


def read() -> list[Queue]:
    """Return how many rows wait in each queue, and how; one statement a queue."""
    return [_read(kind) for kind in KINDS]


def _read(kind: Kind) -> Queue:
    retried = kind.waits & Q(**{f"{kind.tries}__gt": 1}) if kind.tries else NOTHING
    found = kind.rows().aggregate(
        waiting=Count("pk", filter=kind.waits),
        oldest=Min(kind.since, filter=kind.waits),
        retried=Count("pk", filter=retried),
        given_up=Count("pk", filter=kind.given_up),
    )
    return Queue(kind, **found)


def listed(kind: Kind) -> QuerySet:
    """Return the rows that wait or were given up, the longest waiting first.

    Each has `waits_since`, `tried` and `last_fault`, and `is_given_up`, which are first.
    """
    return (
        kind.rows()
        .filter(kind.waits | kind.given_up)
        .annotate(
            waits_since=F(kind.since),
            tried=F(kind.tries) if kind.tries else Value(0, output_field=IntegerField()),
            last_fault=F(kind.fault) if kind.fault else Value("", output_field=TextField()),
            is_given_up=kind.given_up,
        )
        .order_by("-is_given_up", kind.since, "pk")
    )
