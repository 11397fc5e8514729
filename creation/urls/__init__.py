"""All addresses of an organ's own side, by noun."""

from creation.urls import desk, energy, people, register, rounds, self_rating

urlpatterns = [
    *register.urlpatterns,
    *people.urlpatterns,
    *rounds.urlpatterns,
    *self_rating.urlpatterns,
    *energy.urlpatterns,
    *desk.urlpatterns,
]
