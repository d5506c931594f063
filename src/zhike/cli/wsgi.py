"""The WSGI application as `zhike web` serves it: its process ends when granian's does, even after kill -9."""

import os
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.settings")

from zhike.cli import processes

processes.die_with_parent(signal.SIGKILL)

from zhike.desk.wsgi import application  # noqa: E402 — after the tie to the parent

__all__ = ["application"]
