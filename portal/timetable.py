"""What beat starts by itself. Every task here may run twice at once without harm, as two beats may be running."""

from celery.schedules import crontab

SWEEP_SECONDS = 30

TIMETABLE = {
    "sweep": {
        "task": "reviews.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        # While no worker runs, unread bells must not pile up: the next one says the same.
        "options": {"expires": SWEEP_SECONDS},
    },
    # Before the digest of the day, which the sweep writes as soon as its hour (settings: DIGEST_AT) has come.
    "reminders": {
        "task": "reviews.tasks.reminders",
        "schedule": crontab(hour=7, minute=0),
    },
    "reports": {
        "task": "portal.tasks.clear_reports",
        "schedule": crontab(hour=1, minute=30),
    },
    "nightly": {
        "task": "reviews.tasks.nightly",
        "schedule": crontab(hour=2, minute=0),
    },
}
