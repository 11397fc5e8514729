"""Addresses of draws."""

from django.urls import path

from reviews.views import draws, public_draws

urlpatterns = [
    path("draws/", draws.draw_list, name="draw_list"),
    path("draws/public/", public_draws.public_draw_list, name="public_draw_list"),
    path("draws/public/verify_draw.py", public_draws.public_draw_verifier, name="public_draw_verifier"),
    path("draws/public/<int:pk>/", public_draws.public_draw, name="public_draw"),
    path("draws/public/<int:pk>/draw.json", public_draws.public_draw_json, name="public_draw_json"),
    path("draws/<int:pk>/publish/", draws.pool_publish, name="pool_publish"),
    path("draws/close/<int:cycle_pk>/<slug:code>/", draws.pool_close, name="pool_close"),
    path("draws/<int:pk>/", draws.pool_detail, name="pool_detail"),
    path("draws/<int:pk>/draw/", draws.pool_draw, name="pool_draw"),
    path("draws/<int:pk>/extend/<slug:stratum>/", draws.pool_extend, name="pool_extend"),
    path("draws/<int:pk>/replace/<int:member_pk>/", draws.pool_replace, name="pool_replace"),
    path(
        "draws/<int:pk>/extensions/<int:extension_pk>/publish/",
        draws.pool_extension_publish,
        name="pool_extension_publish",
    ),
    path("draws/<int:pk>/letter/record/", draws.pool_record_letter, name="pool_record_letter"),
    path("draws/<int:pk>/letter/", draws.pool_letter, name="pool_letter"),
    path("draws/<int:pk>/draw.json", draws.pool_json, name="pool_json"),
]
