"""For programs that follow the public pages: a feed in each language, and what search engines may read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import feedgenerator, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from creation import clock
from reviews import published
from reviews.models import Notice
from reviews.views.public import answer_unless_known

NEWEST = 30
BEFORE_ALL = datetime(2020, 6, 1, tzinfo=UTC)
# pages that stand whatever has been published
STANDING = ("home", "notice_list", "recognised_list", "public_draw_list", "outcome_list", "announced_list")


@dataclass(frozen=True, slots=True)
class News:
    """One entry: what kind it is, its number among its kind, since when, its page, and its words."""

    kind: str
    pk: int
    at: datetime
    url: str
    title: str
    text: str
    label: str


def news(now: datetime) -> list[News]:
    """Return the newest notices, outcomes and announced rates, the newest first; a statement for each."""
    found = [*_notices(now), *_outcomes(now), *_announcements(now)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.pk), reverse=True)[:NEWEST]


def _notices(now: datetime) -> Iterator[News]:
    newest = Notice.objects.public(now).annotate(organs=Count("listings")).order_by("-published_at", "-pk")
    for notice in newest[:NEWEST]:
        text = ngettext(
            "%(number)s organ. Objections are possible until %(day)s, that day included.",
            "%(number)s organs. Objections are possible until %(day)s, that day included.",
            notice.organs,
        ) % {"number": notice.organs, "day": notice.last_day.isoformat()}
        url = reverse("notice_detail", args=[notice.pk])
        yield News("notice", notice.pk, notice.published_at, url, notice.title, text, _("Notice"))


def _outcomes(now: datetime) -> Iterator[News]:
    for outcome in published.as_outcomes(published.outcomes(now)[:NEWEST]):
        title = f"{outcome.kind_label}{_(': ')}{outcome.result_label} – {outcome.organ}"
        url = reverse(outcome.page, args=[outcome.pk])
        yield News(outcome.kind, outcome.pk, outcome.decided_at, url, title, outcome.reason, str(outcome.kind_label))


def _announcements(now: datetime) -> Iterator[News]:
    for announced in published.announcements(now).defer("rows")[:NEWEST]:
        text = _("Completion rates as of %(day)s, %(number)s") % {
            "day": announced.as_of.isoformat(),
            "number": announced.document_number,
        }
        url = reverse("announced_detail", args=[announced.pk])
        yield News("rates", announced.pk, announced.at, url, announced.title, text, _("Announced rates"))


class _Atom(feedgenerator.Atom1Feed):
    """An Atom feed that changes only with what stands in it, also while nothing does."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=BEFORE_ALL)


class NewsFeed(Feed):
    """Notices, outcomes and announced rates, the newest first, in one language."""

    feed_type = _Atom

    def get_object(self, request: HttpRequest, language: str) -> tuple[str, str]:
        """Return host and language; they stand in the name of each entry, which never changes."""
        return request.get_host(), language

    def title(self) -> str:
        """Return the name of the feed."""
        return _("Conservation-oriented organs: notices, outcomes, announced rates")

    def subtitle(self) -> str:
        """Return what it is, and that it is demonstration data where it is."""
        return _("Demonstration data, nothing here is official.") if settings.DEMO else ""

    def link(self) -> str:
        """Return the page that the feed follows."""
        return reverse("home")

    def feed_guid(self, obj: tuple[str, str]) -> str:
        """Return the name of the feed."""
        host, language = obj
        return f"tag:{host},2020-06-01:news/{language}"

    def items(self, obj: tuple[str, str]) -> list[tuple[tuple[str, str], News]]:
        """Return the entries."""
        return [(obj, one) for one in news(clock.now())]

    def item_title(self, item: tuple) -> str:
        """Return the title of an entry."""
        return item[1].title

    def item_description(self, item: tuple) -> str:
        """Return one sentence, or the published reason; readers take a summary for HTML, so it is escaped."""
        return linebreaksbr(item[1].text, autoescape=True)

    def item_link(self, item: tuple) -> str:
        """Return the page of an entry."""
        return item[1].url

    def item_guid(self, item: tuple) -> str:
        """Return the name of an entry, the same for ever."""
        (host, language), one = item
        return f"tag:{host},2020-06-01:{one.kind}/{one.pk}/{language}"

    def item_pubdate(self, item: tuple) -> datetime:
        """Return since when everybody may read it."""
        return item[1].at

    def item_updateddate(self, item: tuple) -> datetime:
        """Return the same: what is published never changes."""
        return item[1].at

    def item_categories(self, item: tuple) -> tuple[str]:
        """Return what kind of entry it is."""
        return (item[1].label,)


_feed = NewsFeed()


@login_not_required
@require_safe
def news_feed(request: HttpRequest, language: str) -> HttpResponse:
    """Return the feed in this language, whatever the reader's own is; 404 for one that the portal lacks."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        response = _feed(request, language=language)
    return answer_unless_known(request, response)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return what search engines may read: the public pages, none of the forms and nothing inside."""
    context = {"sitemap": request.build_absolute_uri(reverse("sitemap"))}
    return answer_unless_known(request, render(request, "reviews/robots.txt", context, content_type="text/plain"))


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Return the addresses of the public pages, those that stand always and the newest of what was published."""
    addresses = [*map(reverse, STANDING), *(one.url for one in news(clock.now()))]
    context = {"addresses": [request.build_absolute_uri(address) for address in addresses]}
    return answer_unless_known(request, render(request, "reviews/sitemap.xml", context, content_type="application/xml"))
