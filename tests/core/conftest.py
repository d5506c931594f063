"""Property tests run the same examples every time, however slow the machine is."""

from hypothesis import settings

settings.register_profile("calm", deadline=None, derandomize=True, max_examples=80)
settings.load_profile("calm")
