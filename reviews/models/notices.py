"""Publicity and objections."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creation.models import Assessment, Cycle, Event, Evidence, Region
from reviews.querysets import NoticeQuerySet, ObjectionQuerySet, SetAsideQuerySet


class CalendarYear(models.Model):
    """A year of the official holiday calendar that was entered by hand, with its source."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    source = models.CharField(_("source (document number)"), max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-year",)

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day of an entered year that differs from the week: a holiday on a weekday, or a make-up workday."""

    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days")
    day = models.DateField(unique=True)
    is_workday = models.BooleanField()

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {'work' if self.is_workday else 'off'}"


class Notice(models.Model):
    """A public notice (公示) of cleared files; once published it and its listings never change."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="notices")
    region = models.ForeignKey(Region, models.PROTECT, related_name="notices")
    title = models.CharField(_("title"), max_length=200)
    basis = models.TextField(_("basis"), max_length=1000)
    process = models.TextField(_("the process in one sentence"), max_length=1000)
    office = models.CharField(_("receiving office"), max_length=200)
    office_phone = models.CharField(_("phone"), max_length=40)
    office_address = models.CharField(_("address"), max_length=200)
    office_mailbox = models.EmailField(_("mailbox"))
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # four eyes: whoever hands a draft in is never the one who approves it; what was approved is known by its digest
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    handed_in_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.TextField(_("why the draft was given back"), max_length=1000, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_sha256 = models.CharField(max_length=64, blank=True)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    working_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-id")
        constraints = [
            models.CheckConstraint(
                name="published_notice_has_a_period",
                condition=Q(published_at__isnull=True)
                | Q(published_by__isnull=False, first_day__isnull=False, last_day__gte=models.F("first_day")),
            ),
            models.CheckConstraint(
                name="notice_approved_by_another",
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | (
                    Q(approved_at__isnull=False, approved_by__isnull=False, handed_in_by__isnull=False)
                    & ~Q(approved_by=models.F("handed_in_by"))
                    & ~Q(approved_sha256="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        """Tell whether the notice has been published and is frozen."""
        return self.published_at is not None

    @property
    def is_handed_in(self) -> bool:
        """Tell whether the draft lies with another official: it is not edited meanwhile."""
        return self.handed_in_at is not None and not self.is_published

    @property
    def is_approved(self) -> bool:
        """Tell whether the notice is approved and waits for its instant."""
        return self.approved_at is not None and not self.is_published

    @property
    def how_to_object(self) -> str:
        """Return in one sentence what an objection needs, in the reader's language; page and paper say the same."""
        if self.cycle.anonymous_objections:
            return gettext("In writing within the period: grounds, and a way to reach you if you want an answer.")
        return gettext(
            "In writing within the period: a person with real name and phone, a unit with its seal, and the grounds. "
            "Anonymous objections are not accepted. Who objects is seen by the deciding officials only."
        )

    def author_ids(self) -> set[int]:
        """Return the ids of whoever drafted the notice, ever changed it or handed it in: none of them approves it."""
        return self.authors_of([self])[self.pk]

    @classmethod
    def authors_of(cls, notices: Iterable["Notice"]) -> dict[int, set[int]]:
        """Return `author_ids` of each of these notices by its id, in one statement."""
        found = {one.pk: {one.drafted_by_id, one.edited_by_id, one.handed_in_by_id} - {None} for one in notices}
        for pk, who in cls.changes().filter(subject_id__in=found).values_list("subject_id", "by"):
            found[pk].add(who)
        return found

    @staticmethod
    def changes() -> models.QuerySet[Event]:
        """Return the audit events of who changed a draft: the row itself names only the last one."""
        return Event.objects.filter(verb="change", subject_type="notice", by__isnull=False).order_by()


class Listing(models.Model):
    """One organ on a notice, with the names it had when it was published."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="listings")
    assessment = models.OneToOneField(Assessment, models.PROTECT, related_name="listing")
    number = models.PositiveIntegerField()
    organ_name = models.CharField(max_length=200)
    organ_name_en = models.CharField(max_length=200, blank=True)
    region_name = models.CharField(max_length=200)
    region_name_en = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=10)
    batch = models.CharField(max_length=60)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(name="listing_number_once", fields=["notice", "number"])]

    def __str__(self) -> str:
        return f"{self.number} {self.organ_name}"


class Objection(models.Model):
    """An objection from the public: grounds, receipt, and what became of it. Who objected is kept apart."""

    class State(models.TextChoices):
        OPEN = "open", _("Being examined")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Not upheld")

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="objections")
    receipt = models.CharField(_("receipt number"), max_length=40, unique=True)
    grounds = models.TextField(_("grounds"), max_length=4000)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # two persons: one proposes the decision, another decides
    proposed_state = models.CharField(max_length=10, choices=State, blank=True)
    proposed_reason = models.TextField(max_length=4000, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.TextField(_("why the proposal was given back"), max_length=4000, blank=True)
    reason = models.TextField(_("reason of the decision"), max_length=4000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ("at",)
        constraints = [
            models.CheckConstraint(
                name="objection_ends_with_a_decision",
                condition=Q(state="open", decided_at__isnull=True)
                | (
                    Q(state__in=["upheld", "dismissed"], decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="objection_not_decided_by_its_proposer",
                condition=Q(decided_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(proposed_by=models.F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt


class Objector(models.Model):
    """Who objected: seen by the deciding officials alone, and every look is recorded.

    Name, phone, seal and the files brought along are erased after the round's retention time; the decision stays.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("A person with real name and phone")
        UNIT = "unit", _("A unit with its seal")

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="objector")
    kind = models.CharField(_("who objects"), max_length=6, choices=Kind)
    name = models.CharField(_("real name or name of the unit"), max_length=100)
    phone = models.CharField(_("phone"), max_length=40)
    seal = models.FileField(_("scan with the unit's seal"), upload_to="objections/%Y/", max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"objector of {self.objection_id}"


class ObjectionFile(models.Model):
    """A file brought with an objection; seen by the deciding officials alone."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="objections/%Y/", max_length=200)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class ObjectorLook(models.Model):
    """A deciding official looked at who objected. Insert only."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="looks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.by_id} at {self.at}"


class SetAside(models.Model):
    """An objection that came late or without a name: its sender was told at once. Kept apart, it decides nothing."""

    class Why(models.TextChoices):
        LATE = "late", _("Late")
        ANONYMOUS = "anonymous", _("Anonymous")

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="set_aside")
    why = models.CharField(max_length=10, choices=Why)
    grounds = models.TextField(max_length=4000)
    at = models.DateTimeField()

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("objection set aside")

    def __str__(self) -> str:
        return f"{self.get_why_display()} · {self.listing_id}"


class Hearing(models.Model):
    """What the organ said to the grounds of an objection, which it hears without the objector's name. Insert only."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="hearings")
    text = models.TextField(_("the organ's answer"), max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text[:60]


class HearingFile(models.Model):
    """A paper of the organ that came with its answer to an objection, kept in its library. Insert only.

    Read by the deciding officials and the organ itself. It stays with the decision: who objected is erased, what the
    organ said is not.
    """

    hearing = models.ForeignKey(Hearing, models.PROTECT, related_name="files")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="hearing_file_once", fields=["hearing", "evidence"])]

    def __str__(self) -> str:
        return str(self.evidence)


class RecognitionOrder(models.Model):
    """The order to recognise what stands on a notice once it has ended; the row waits until that is possible."""

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="order")
    batch = models.CharField(_("batch"), max_length=60)
    document_number = models.CharField(_("document number"), max_length=80)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.document_number
