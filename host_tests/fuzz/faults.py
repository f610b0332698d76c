"""Faults to plant in the library: each must be found, or the model is worth nothing."""


def plant(name: str) -> None:
    """Change the library in place."""
    raise ValueError(name)
