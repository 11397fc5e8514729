"""Addresses for everybody, without an account: outcomes, announced rates, and what programs read."""

from django.urls import path

from reviews.views import announcements, public, public_announcements, public_feeds, public_outcomes

urlpatterns = [
    path("recognised/recognised.json", public.recognised_json, name="recognised_json"),
    path("outcomes/", public_outcomes.outcome_list, name="outcome_list"),
    path("outcomes/outcomes.csv", public_outcomes.outcome_csv, name="outcome_csv"),
    path("outcomes/outcomes.json", public_outcomes.outcome_json, name="outcome_json"),
    path("outcomes/objections/<int:pk>/", public_outcomes.outcome_objection, name="outcome_objection"),
    path("outcomes/revocations/<int:pk>/", public_outcomes.outcome_revocation, name="outcome_revocation"),
    path("announcements/", public_announcements.announced_list, name="announced_list"),
    path("announcements/add/", announcements.announcement_add, name="announcement_add"),
    path("announcements/<int:pk>/", public_announcements.announced_detail, name="announced_detail"),
    path("announcements/<int:pk>/rates.csv", public_announcements.announced_csv, name="announced_csv"),
    path("announcements/<int:pk>/rates.json", public_announcements.announced_json, name="announced_json"),
    path("news/<slug:language>/atom.xml", public_feeds.news_feed, name="news_feed"),
    path("robots.txt", public_feeds.robots, name="robots"),
    path("sitemap.xml", public_feeds.sitemap, name="sitemap"),
]
