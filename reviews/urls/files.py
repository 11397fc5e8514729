"""Addresses of files."""

urlpatterns: list = []
