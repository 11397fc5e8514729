"""All addresses of the others' side, by noun."""

from reviews.urls import draws, files, inspections, public, publicity, rounds

urlpatterns = [
    *files.urlpatterns,
    *inspections.urlpatterns,
    *draws.urlpatterns,
    *publicity.urlpatterns,
    *public.urlpatterns,
    *rounds.urlpatterns,
]
