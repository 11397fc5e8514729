"""What comes after recognition: rechecks of recognised organs, and cases in which a title may be taken back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from creation.models import Cycle, Evidence, Recognition
from reviews.querysets import RecheckItemQuerySet, RecheckRoundQuerySet, RevocationCaseQuerySet


class Verdict(models.TextChoices):
    """What a recheck says of a title."""

    KEEP = "keep", _("Keep")
    RECTIFY = "rectify", _("Rectify by a date")
    REVOKE = "revoke", _("Revoke")


class RecheckRound(models.Model):
    """A recheck (回头看) of a municipality's recognised organs: all on paper, a random share on site."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="rechecks", verbose_name=_("round"))
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    basis = models.TextField(_("basis"), max_length=1000)
    share = models.DecimalField(_("share on site (%)"), max_digits=5, decimal_places=2)
    minimum = models.PositiveSmallIntegerField(_("smallest sample per region"), default=1)
    paper_until = models.DateField(_("review on paper until"))
    site_until = models.DateField(_("visits until"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RecheckRoundQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(name="recheck_number_once", fields=["cycle", "number"]),
            models.CheckConstraint(name="recheck_share_in_percent", condition=Q(share__gte=0) & Q(share__lte=100)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_drawn(self) -> bool:
        """Tell whether it is known and published who is visited; always where nobody is to be visited."""
        if not self.share and not self.minimum:
            return True
        return self.pools.filter(draw__publication__isnull=False).exists()


class RecheckItem(models.Model):
    """One title in a recheck: the organ's own report, the review on paper, the visit if drawn, and what came of it."""

    round = models.ForeignKey(RecheckRound, models.PROTECT, related_name="items")
    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="rechecks")
    report = models.TextField(_("the organ's report"), max_length=4000, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    paper_verdict = models.CharField(_("verdict on paper"), max_length=10, choices=Verdict, blank=True)
    paper_reason = models.TextField(_("reason"), max_length=2000, blank=True)
    paper_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    paper_at = models.DateTimeField(null=True, blank=True)
    visit_on = models.DateField(_("date of the visit"), null=True, blank=True)
    site_verdict = models.CharField(_("verdict on site"), max_length=10, choices=Verdict, blank=True)
    site_reason = models.TextField(_("what was found"), max_length=4000, blank=True)
    site_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    site_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Verdict, blank=True)
    outcome_reason = models.TextField(_("reason"), max_length=2000, blank=True)
    outcome_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome_at = models.DateTimeField(null=True, blank=True)
    rectify_until = models.DateField(_("rectify until"), null=True, blank=True)
    rectified = models.TextField(_("what the organ has put right"), max_length=4000, blank=True)
    rectified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    rectified_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = RecheckItemQuerySet.as_manager()

    class Meta:
        ordering = ("recognition__organ__region__position", "recognition__organ__credit_code")
        constraints = [
            models.UniqueConstraint(name="recheck_item_once", fields=["round", "recognition"]),
            models.CheckConstraint(
                name="rectify_has_a_date", condition=~Q(outcome="rectify") | Q(rectify_until__isnull=False)
            ),
            models.CheckConstraint(
                name="nobody_accepts_their_own_rectification",
                condition=Q(settled_by__isnull=True) | Q(rectified_by__isnull=True) | ~Q(settled_by=F("rectified_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.recognition}"

    @property
    def is_drawn(self) -> bool:
        """Tell whether the organ is to be visited."""
        return RecheckItem.objects.drawn().filter(pk=self.pk).exists()

    @property
    def is_told_drawn(self) -> bool:
        """Tell whether it is published that the organ is to be visited, by the draw or after it."""
        by_draw = Q(pool_member__result__drawn=True, pool_member__pool__draw__publication__isnull=False)
        rows = RecheckItem.objects.filter(by_draw | Q(pool_member__extension__publication__isnull=False))
        return rows.filter(pk=self.pk).exists()

    def is_overdue_on(self, day) -> bool:
        """Tell whether the date to put something right has passed on `day` without an answer, or was missed by one."""
        if self.outcome != Verdict.RECTIFY or self.settled_at:
            return False
        return (localdate(self.rectified_at) if self.rectified_at else day) > self.rectify_until

    def team_names(self) -> list[str]:
        """Return the user names of who visits."""
        return sorted(self.members.values_list("user__username", flat=True))


class RecheckMember(models.Model):
    """An inspector who visits a drawn organ for the recheck."""

    item = models.ForeignKey(RecheckItem, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recheck_visits")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="recheck_member_once", fields=["item", "user"])]

    def __str__(self) -> str:
        return str(self.user)


class RecheckPaper(models.Model):
    """A paper of the organ, or a photo of the visit, beside a recheck. Insert only."""

    item = models.ForeignKey(RecheckItem, models.PROTECT, related_name="papers")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    is_photo = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="recheck_paper_once", fields=["item", "evidence"])]

    def __str__(self) -> str:
        return str(self.evidence)


class RevocationCase(models.Model):
    """A case in which a title may be taken back: told to the organ, the organ heard, decided by two, published."""

    class Grounds(models.TextChoices):
        VERIFIED_WASTE = "verified_waste", _("Verified waste")
        FALSIFIED_DATA = "falsified_data", _("Falsified data")
        FAILED_RECHECK = "failed_recheck", _("Failed recheck")
        MAJOR_ACCIDENT = "major_accident", _("Major safety accident")
        OTHER = "other", _("Other grounds")

    class Decision(models.TextChoices):
        REVOKED = "revoked", _("Title revoked")
        KEPT = "kept", _("Title kept")

    recognition = models.ForeignKey(Recognition, models.PROTECT, related_name="revocation_cases")
    recheck_item = models.OneToOneField(
        RecheckItem, models.PROTECT, null=True, blank=True, related_name="revocation_case"
    )
    grounds = models.CharField(_("grounds"), max_length=20, choices=Grounds)
    facts = models.TextField(_("the facts, as told to the organ"), max_length=4000)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    heard_until = models.DateField(_("the organ may answer until"))
    answer = models.TextField(_("the organ's answer"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    proposed = models.CharField(max_length=10, choices=Decision, blank=True)
    proposed_reason = models.TextField(_("reason"), max_length=1000, blank=True)
    proposed_on = models.DateField(_("revoked on"), null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RevocationCaseQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                name="one_open_case_per_title", fields=["recognition"], condition=Q(decided_at__isnull=True)
            ),
            models.CheckConstraint(
                name="case_decided_by_two_with_a_reason",
                condition=Q(decided_at__isnull=True, decision="", decided_by__isnull=True)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, proposed_by__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                    & ~Q(reason="")
                    & ~Q(decision="")
                ),
            ),
            models.CheckConstraint(
                name="revoked_case_has_a_day", condition=~Q(decision="revoked") | Q(revoked_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition} · {self.get_grounds_display()}"

    def is_heard_on(self, day) -> bool:
        """Tell whether the organ has answered, or its time to do so is over on `day`."""
        return self.answered_at is not None or day > self.heard_until
