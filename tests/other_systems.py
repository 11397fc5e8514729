"""Another system that listens, and what the portal has to tell it."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from creation import clock, stages
from creation.models import Recognition
from reviews import sending
from reviews.actions import webhooks
from reviews.demo import builders
from reviews.models import WebhookDelivery
from reviews.occurrences import TOPICS

ALL = tuple(TOPICS)
THERE = "https://registry.example.org/hook"


@contextmanager
def receiver(*answers):
    """A real server of another system on the loopback address; yields its address and what it received."""
    received, waiting = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), body))
            self.send_response(waiting.pop(0) if waiting else 204)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?from=portal", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def entered(world, url=THERE, topics=ALL, by="city"):
    return webhooks.enter(url, topics, by=world[by])


def run(answers=None):
    """Let the worker look and send; `answers` stands for the other system where no real one is needed."""
    webhooks.note_occurrences()
    return sending.tell_all(answers)


def recognised(world, organ=None):
    """Bring an organ to its title, the notice waited for, and return the title."""
    file = world.bring_to(stages.PUBLICISED, organ)
    clock.set_ahead((file.listing.notice.last_day - clock.today()).days + clock.lead_days() + 1)
    builders.recognise(file, {"city": world["city"]})
    return Recognition.objects.get(organ=file.organ)


def names(**narrowed):
    return sorted(WebhookDelivery.objects.filter(**narrowed).values_list("occurrence", flat=True))
