"""Addresses of the pages on other systems."""

from django.urls import path

from reviews.views import webhooks

urlpatterns = [
    path("other-systems/", webhooks.webhook_list, name="webhook_list"),
    path("other-systems/<int:pk>/", webhooks.webhook_detail, name="webhook_detail"),
    path("other-systems/<int:pk>/stop/", webhooks.webhook_stop, name="webhook_stop"),
    path("other-systems/<int:pk>/test/", webhooks.webhook_test, name="webhook_test"),
    path("other-systems/messages/<int:pk>/try-again/", webhooks.webhook_try_again, name="webhook_try_again"),
]
