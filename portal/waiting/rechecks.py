"""What waits after recognition: rechecks, cases about titles, titles that expire."""

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils.translation import ngettext

from creation import clock
from creation.models import Recognition, User
from portal.waiting.lines import Line, counted, lines_about, lines_due
from reviews.models import RecheckItem, RevocationCase


def cases_to_answer(user: User) -> list[Line]:
    """Return a line about open cases on which the person's organs have not answered, with the first last day."""
    rows = RevocationCase.objects.open().filter(recognition__organ__in=user.organ_ids(), answered_at__isnull=True)
    found = counted(rows, "heard_until")
    text = ngettext(
        "%(count)s case about your title to answer", "%(count)s cases about your titles to answer", found["count"]
    )
    return lines_due(found, text, reverse("revocation_list"), "revocation_detail")


def rechecks_to_answer(user: User) -> list[Line]:
    """Return a line about rechecks on which the person's organs report, or put something right, with the first day."""
    to_report = Q(reported_at__isnull=True, paper_verdict="")
    to_rectify = Q(outcome="rectify", rectified_at__isnull=True)
    rows = RecheckItem.objects.filter(to_report | to_rectify, settled_at__isnull=True)
    due = Case(When(outcome="rectify", then="rectify_until"), default="round__paper_until")
    mine = rows.filter(recognition__organ__in=user.organ_ids()).annotate(due=due)
    found = counted(mine, "due")
    text = ngettext("%(count)s recheck to answer", "%(count)s rechecks to answer", found["count"])
    return lines_due(found, text, reverse("recheck_list"), "recheck_item")


def recheck_visits(user: User) -> list[Line]:
    """Return a line about the visits of a recheck that the person is sent on."""
    rows = RecheckItem.objects.filter(members__user=user, site_at__isnull=True, settled_at__isnull=True)
    found = counted(rows, "round__opened_at")
    text = ngettext("%(count)s visit of a recheck to do", "%(count)s visits of a recheck to do", found["count"])
    return lines_about(found, text, reverse("recheck_list"), "recheck_item")


def rechecks_to_review(user: User) -> list[Line]:
    """Return a line about organs in a recheck that the department reviews on paper."""
    rows = RecheckItem.objects.to_review().filter(recognition__organ__region__in=user.region_ids("official"))
    found = counted(rows.exclude(recognition__organ__in=user.organ_ids()), "round__opened_at")
    text = ngettext(
        "%(count)s organ to review on paper in a recheck",
        "%(count)s organs to review on paper in a recheck",
        found["count"],
    )
    return lines_about(found, text, reverse("recheck_list"), "recheck_item")


def titles_that_expire(user: User) -> list[Line]:
    """Return a line about the titles in the person's regions whose last day comes near."""
    rows = Recognition.objects.filter(organ__region__in=user.scope("official")).expiring(clock.today())
    found = counted(rows.order_by(), "valid_until")
    text = ngettext("%(count)s title expires soon", "%(count)s titles expire soon", found["count"])
    if not found["count"]:
        return []
    return [Line(text % {"count": found["count"]}, reverse("expiring_list"), due=found["oldest"])]


def _open_cases(user: User):
    rows = RevocationCase.objects.open().filter(recognition__organ__region__in=user.scope("official"))
    return rows.exclude(recognition__organ__in=user.organ_ids())


def cases_to_propose(user: User) -> list[Line]:
    """Return a line about cases on which the organ has been heard and nothing is proposed."""
    heard = Q(answered_at__isnull=False) | Q(heard_until__lt=clock.today())
    found = counted(_open_cases(user).filter(heard, proposed=""), "opened_at")
    text = ngettext(
        "%(count)s case about a title: propose a decision",
        "%(count)s cases about titles: propose a decision",
        found["count"],
    )
    return lines_about(found, text, reverse("revocation_list"), "revocation_detail")


def cases_to_decide(user: User) -> list[Line]:
    """Return a line about decisions on titles that somebody else proposed."""
    found = counted(_open_cases(user).exclude(proposed="").exclude(proposed_by=user), "proposed_at")
    text = ngettext("%(count)s case about a title to decide", "%(count)s cases about titles to decide", found["count"])
    return lines_about(found, text, reverse("revocation_list"), "revocation_detail")


def rechecks_to_conclude(user: User) -> list[Line]:
    """Return a line about organs that can be concluded, and answers to accept or give back."""
    ready = Q(pk__in=RecheckItem.objects.to_conclude().values("pk"))
    answered = Q(outcome="rectify", rectified_at__isnull=False, settled_at__isnull=True)
    rows = RecheckItem.objects.filter(ready | answered, round__cycle__region__in=user.region_ids("official"))
    found = counted(rows.exclude(recognition__organ__in=user.organ_ids()), "round__opened_at")
    text = ngettext("%(count)s recheck to conclude", "%(count)s rechecks to conclude", found["count"])
    return lines_about(found, text, reverse("recheck_list"), "recheck_item")
