"""The command line: a thin layer that turns words into a request and results into text."""

from .main import main

__all__ = ["main"]
