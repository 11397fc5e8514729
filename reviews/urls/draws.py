"""Addresses of draws."""

urlpatterns: list = []
