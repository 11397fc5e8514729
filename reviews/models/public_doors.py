"""What holds floods and guesses back at the doors without an account, on the database alone."""

from django.db import models


class Knock(models.Model):
    """How often one address came to a door within a span of time; the address is kept as a keyed digest only."""

    door = models.CharField(max_length=20)
    who = models.CharField(max_length=64)
    since = models.DateTimeField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["since"])]
        constraints = [models.UniqueConstraint(name="one_count_per_span", fields=["door", "who", "since"])]

    def __str__(self) -> str:
        return f"{self.door} {self.times}"


class SpentProof(models.Model):
    """A proof of work that was used; it opens the door once."""

    sha256 = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.sha256[:12]
