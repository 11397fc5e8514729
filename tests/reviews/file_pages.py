"""Pages of a file and its indicators: what the tests of files, of sending back and of teams need."""

from django.urls import reverse


def codes(world):
    return {indicator.code: indicator for indicator in world.standard.indicators.all()}


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)
