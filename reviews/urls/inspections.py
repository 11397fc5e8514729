"""Addresses of inspections."""

urlpatterns: list = []
