"""Password hashing that a small machine can afford."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FrugalArgon2(Argon2PasswordHasher):
    """argon2id at the OWASP floor (t=2, m=19 MiB, p=1): 60–80 ms; Django's default takes 100 MB a login."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
