"""Sign an operations manager in to a home and print the cookie: `python -m bench.visitor HOME`."""

import os
import sys
from pathlib import Path

from zhike.cli import here


def main(home: Path) -> None:
    """Make the person if need be, and a session of theirs."""
    os.environ["ZHIKE_HOME"] = str(home)
    with here.django(here.Here(home, as_json=True)):
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from zhike.kernel.models import User

        person, _ = User.objects.get_or_create(
            email="bench@example.com", defaults={"name": "Bench", "role": "operations", "scope": "all"}
        )
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
