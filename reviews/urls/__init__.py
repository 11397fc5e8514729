"""All addresses of the others' side, by noun."""

from reviews.urls import draws, files, inspections, people, phones, public, publicity, rounds

urlpatterns = [
    *files.urlpatterns,
    *inspections.urlpatterns,
    *people.urlpatterns,
    *phones.urlpatterns,
    *draws.urlpatterns,
    *publicity.urlpatterns,
    *public.urlpatterns,
    *rounds.urlpatterns,
]
