"""What people are told: what the tests of messages and of mails both need."""

from datetime import timedelta

from creation import clock, stages
from creation.models import Message
from reviews import tasks
from reviews.actions import findings, objections

SECRET = "张三丰"
DAY = timedelta(days=1)


def told(**narrowed):
    return sorted(Message.objects.filter(**narrowed).values_list("user__username", "kind"))


def a_finding(world, file=None, **fields):
    file = file or world.bring_to(stages.UNDER_INSPECTION)
    indicator = world.standard.indicators.get(code="3.4")
    fields = {"kind": "by_deadline", "text": "滴漏", "due_on": clock.today() + 10 * DAY} | fields
    return findings.raise_finding(file.inspections.get(kind="inspection"), indicator, by=world["inspector"], **fields)


def an_objection(world, file=None):
    file = file or world.bring_to(stages.PUBLICISED)
    return objections.object_to(file.listing, kind="person", name=SECRET, phone="13900001234", grounds="办公楼整夜亮灯")


def on(days):
    clock.set_ahead(days)


def tomorrow():
    on(clock.lead_days() + 1)


def mail_everybody():
    for user in {message.user for message in Message.objects.select_related("user")}:
        user.email = user.email or f"{user.username}@example.cn"
        user.save(update_fields=["email"])
    tomorrow()
    tasks.digests()
