"""All addresses of the others' side, by noun."""

from reviews.urls import (
    deviations,
    draws,
    files,
    inspections,
    people,
    phones,
    public,
    public_site,
    publicity,
    rechecks,
    rounds,
    sheets,
    webhooks,
)

urlpatterns = [
    *files.urlpatterns,
    *inspections.urlpatterns,
    *people.urlpatterns,
    *phones.urlpatterns,
    *draws.urlpatterns,
    *publicity.urlpatterns,
    *public.urlpatterns,
    *public_site.urlpatterns,
    *rounds.urlpatterns,
    *deviations.urlpatterns,
    *rechecks.urlpatterns,
    *sheets.urlpatterns,
    *webhooks.urlpatterns,
]
