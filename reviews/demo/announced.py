"""The rates that the demonstration's municipality has announced: those of the first round, and of the last year."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from creation import clock
from creation.models import Region, User
from reviews.actions.announcements import announce
from reviews.demo.places import CITY

FIRST_AS_OF = date(2021, 8, 23)
LATER = timedelta(days=20)  # an announcement follows the day that it speaks of


def announce_rates(*, by: User) -> None:
    """Announce the rates of the first round, and those at the end of last year."""
    city = Region.objects.get(code=CITY)
    last_year = clock.today().year - 1
    for as_of in (FIRST_AS_OF, date(last_year, 12, 31)):
        with clock.at(timezone.make_aware(datetime.combine(as_of + LATER, time(9)))):
            announce(
                city,
                as_of=as_of,
                title=f"关于截至{as_of.year}年{as_of.month}月{as_of.day}日节约型机关创建完成情况的公告（演示）",
                document_number=f"京管发〔{(as_of + LATER).year}〕8号（演示）",
                by=by,
            )
