"""Addresses of register."""

urlpatterns: list = []
