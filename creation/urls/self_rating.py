"""Addresses of self_rating."""

urlpatterns: list = []
