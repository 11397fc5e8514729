"""Addresses of publicity."""

urlpatterns: list = []
