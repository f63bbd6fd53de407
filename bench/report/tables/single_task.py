"""What each loss reached alone, as numbers."""

from .exhibit import TableExhibit

SINGLE_TASK = TableExhibit(name="single_task", frame=lambda comparison: comparison.single_task)
