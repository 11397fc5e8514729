"""Sections of a self-rating are given to colleagues: a duty, never a lock. Every clerk may still edit everything."""

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.events import record
from creation.actions.messages import Telling, about_file, tell
from creation.errors import Refused
from creation.models import Appointment, Assessment, Dimension, SectionDuty, User
from creation.rules import require


def clerks_of(assessment: Assessment):
    """Return who is a clerk of the file's organ today, by user name."""
    posts = Appointment.objects.on(clock.today()).filter(role="clerk", organ=assessment.organ_id)
    return User.objects.filter(pk__in=posts.values("user"), is_active=True)


@transaction.atomic
def give_section(assessment: Assessment, dimension: Dimension | None, *, to: User, by) -> SectionDuty:
    """Give a dimension of the file (None: the bonus) to a clerk of the organ, who is told, and return the duty.

    Whoever had it before has it no longer. Refused for anybody who is no clerk of the organ today, for a dimension of
    another standard, and once the file has been submitted.
    """
    held = _hold(assessment, dimension, by=by)
    if not clerks_of(held).filter(pk=to.pk).exists():
        raise Refused(_("%(person)s is not a clerk of this organ today.") % {"person": to})
    duty = SectionDuty.objects.filter(assessment=held, dimension=dimension).first()
    if duty is not None and duty.user_id == to.pk:
        return duty
    return hand_duty(duty or SectionDuty(assessment=held, dimension=dimension), to=to, by=by, verb="give_section")


def hand_duty(duty: SectionDuty, *, to: User, by, verb: str) -> SectionDuty:
    """Write the duty for `to` with its event, tell them, and return it; part of the verbs that hand duties over."""
    before = _as_event(duty) if duty.pk else {}
    duty.user, duty.given_by, duty.given_at = to, by, clock.now()
    if duty.pk:
        duty.save(update_fields=["user", "given_by", "given_at"])
    else:
        duty.save(force_insert=True)
    event = record(verb, duty, by=by, before=before, after=_as_event(duty))
    told = Telling(
        to, "section_given", f"section_given:{event.pk}", duty.assessment, values=about_file(duty.assessment)
    )
    tell([told], by=by)
    return duty


@transaction.atomic
def take_back_section(assessment: Assessment, dimension: Dimension | None, *, by) -> None:
    """Let the clerks share a dimension of the file (None: the bonus) again; nothing happens where they do already.

    Refused once the file has been submitted.
    """
    held = _hold(assessment, dimension, by=by)
    duty = SectionDuty.objects.filter(assessment=held, dimension=dimension).first()
    if duty is not None:
        record("take_back_section", duty, by=by, before=_as_event(duty))
        duty.delete()


@transaction.atomic
def share_out(assessment: Assessment, wanted: dict[Dimension | None, User | None], *, by) -> None:
    """Give each named section to its person, and take back those that name nobody; what stays as it is stays.

    Refused as `give_section` and `take_back_section` are; all or nothing.
    """
    having = dict(SectionDuty.objects.filter(assessment=assessment).values_list("dimension_id", "user_id"))
    for dimension, person in wanted.items():
        has = having.get(dimension.pk if dimension else None)
        if person is None:
            take_back_section(assessment, dimension, by=by)
        elif person.pk != has:
            give_section(assessment, dimension, to=person, by=by)


def _hold(assessment: Assessment, dimension: Dimension | None, *, by) -> Assessment:
    """Lock the file until the end of the transaction and return it; refused where nothing can be handed over."""
    require(by, "file.answer", assessment)
    held = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if held.stage not in stages.BEFORE_SUBMISSION:
        raise Refused(_("The self-rating is no longer with the organ: there is no section to hand over."))
    if dimension is not None and dimension.standard_id != held.cycle.standard_id:
        raise Refused(_("This section belongs to another standard."))
    return held


def _as_event(duty: SectionDuty) -> dict:
    return {
        "assessment": duty.assessment_id,
        "section": duty.dimension.code if duty.dimension else "bonus",
        "user": duty.user_id,
    }
