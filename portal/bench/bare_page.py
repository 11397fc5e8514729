"""One page as plain as Django makes it: three statements, a table of fifty rows, as many bytes as it is asked for."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from creation.models import Organ

ROWS = 50
TEMPLATE = Engine().from_string(
    "<!doctype html><title>{{ user }}</title><table>{% for organ in organs %}<tr>"
    "<td>{{ organ.pk }}</td><td>{{ organ.name }}</td><td>{{ organ.credit_code }}</td>"
    "<td>{{ organ.category }}</td><td>{{ organ.established_on }}</td></tr>{% endfor %}</table>"
)


def bare(request: HttpRequest, size: int) -> HttpResponse:
    """Return a table of organs to whoever is signed in, made up to `size` bytes."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    page = TEMPLATE.render(Context({"user": request.user, "organs": Organ.objects.order_by("pk")[:ROWS]})).encode()
    return HttpResponse(page.ljust(size, b"."))


urlpatterns = [path("<int:size>/", bare)]
