"""Addresses of rounds."""

urlpatterns: list = []
