"""Cosines of the gradients of every two losses, as numbers."""

from .exhibit import TableExhibit, by_task

CONFLICT = TableExhibit(name="conflict", frame=lambda comparison: by_task(comparison.conflict))
