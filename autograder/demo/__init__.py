"""``autograder demo``: the whole loop on a made-up class, as a newcomer sees it."""

from .run import run_demo

__all__ = ["run_demo"]
