"""Works off the imports that wait."""


def check_waiting() -> None:
    """Check and apply the files that wait."""
