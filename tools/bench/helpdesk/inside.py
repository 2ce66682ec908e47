# mypy: ignore-errors
"""Runs inside the site's environment: prepares it, or plays tickets by calls instead of over HTTP.

Django is not in our environment, so our type checker does not know it.
"""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from helpdesk.models import FollowUp, Queue, Ticket  # noqa: E402
from helpdesk.update_ticket import update_ticket  # noqa: E402

GROUP = 100


def prepare() -> None:
    """Tables, one queue, one clerk who may do all; what the clerk shows at the door is printed."""
    call_command("migrate", verbosity=0)
    clerk = get_user_model().objects.create_superuser("clerk", "", "only here")
    queue = Queue.objects.create(title="Hotline", slug="hotline")
    client = Client()
    client.force_login(clerk)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    print(json.dumps({"queue": queue.id, "clerk": clerk.id, "session": session}), flush=True)


def one_ticket(clerk, queue, title: str, text: str, reply: str) -> None:
    """Create, assign, reply, close, read, by the functions that its own pages call."""
    ticket = Ticket(title=title, queue=queue, description=text, priority=3)
    ticket.save()
    FollowUp(ticket=ticket, title="Ticket Opened", comment=text, public=True, user=clerk).save()
    update_ticket(clerk, ticket, owner=clerk.id)
    update_ticket(clerk, ticket, comment=reply, public=True)
    update_ticket(clerk, ticket, comment=reply, public=True, new_status=Ticket.CLOSED_STATUS)
    found = Ticket.objects.select_related("queue", "assigned_to").get(id=ticket.id)
    if found.status != Ticket.CLOSED_STATUS or len(list(found.followup_set.all())) != 4:
        raise RuntimeError("the ticket is not as it was left")


def play(words: dict) -> None:
    """So many tickets, a hundred in a transaction."""
    clerk, queue = get_user_model().objects.get(), Queue.objects.get()
    for start in range(0, words["count"], GROUP):
        with transaction.atomic():
            for _ in range(start, min(words["count"], start + GROUP)):
                one_ticket(clerk, queue, words["title"], words["text"], words["reply"])


if __name__ == "__main__":
    if sys.argv[1:] == ["prepare"]:
        prepare()
    else:
        for line in sys.stdin:
            play(json.loads(line))
            print(json.dumps({"done": True}), flush=True)
