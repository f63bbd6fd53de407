"""The page: one self-contained report.html."""
