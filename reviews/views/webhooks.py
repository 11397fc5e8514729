"""Addresses of other systems: enter one, see what it was told and how it answered, test it, stop it."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation.rules import require
from creation.views.taking import take
from reviews.actions import webhooks
from reviews.forms.webhooks import WebhookForm
from reviews.models import Webhook, WebhookDelivery
from reviews.occurrences import TOPICS
from reviews.webhook_signatures import secret_of

DELIVERIES_A_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: HttpRequest) -> HttpResponse:
    """Show the person's addresses, and take a new one."""
    require(request.user, "webhook.manage")
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: webhooks.enter(form.cleaned_data["url"], form.cleaned_data["topics"], by=request.user),
            to=lambda webhook: reverse("webhook_detail", args=[webhook.pk]),
            done=_("The address is told of what happens from now on."),
            form=form,
        )
        if answer:
            return answer
    rows = Webhook.objects.visible_to(request.user)
    return render(request, "reviews/webhook_list.html", {"form": form, "webhooks": [_named(row) for row in rows]})


@never_cache
@require_safe
def webhook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an address, its secret, and what it was told."""
    webhook = _named(get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk))
    pages = Paginator(webhook.deliveries.order_by("-pk"), DELIVERIES_A_PAGE)
    context = {
        "webhook": webhook,
        "secret": secret_of(settings.SECRET_KEY, webhook.salt),
        "page": pages.get_page(request.GET.get("page")),
        "crumbs": [(_("Other systems"), reverse("webhook_list"))],
    }
    return render(request, "reviews/webhook_detail.html", context)


@require_POST
def webhook_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an address."""
    webhook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    done = _("The address is told nothing more.")
    return _taken(request, lambda: webhooks.stop(webhook, by=request.user), webhook, done)


@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test."""
    webhook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    done = _("A test is on its way.")
    return _taken(request, lambda: webhooks.send_test(webhook, by=request.user), webhook, done)


@require_POST
def webhook_try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a message that was given up be tried anew."""
    mine = WebhookDelivery.objects.filter(webhook__in=Webhook.objects.visible_to(request.user))
    delivery = get_object_or_404(mine.select_related("webhook"), pk=pk)
    done = _("The message is sent again.")
    return _taken(request, lambda: webhooks.try_again(delivery, by=request.user), delivery.webhook, done)


def _taken(request: HttpRequest, verb, webhook: Webhook, done: str) -> HttpResponse:
    """Let a verb take effect and lead back to the address; without a form there is always an answer."""
    return take(request, verb, to=reverse("webhook_detail", args=[webhook.pk]), done=done)


def _named(webhook: Webhook) -> Webhook:
    webhook.topic_labels = [TOPICS[topic] for topic in webhook.topics]
    return webhook
