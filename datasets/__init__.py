"""Tasks, one per file, on packaged and TFDS data. Importing this brings in no TensorFlow."""

from .core.loader import arrays, default_data_dir, packaged
from .core.task import SPLITS, Head, Metric, Task
from .core.unavailable import DataUnavailable

__all__ = [
    "SPLITS",
    "DataUnavailable",
    "Head",
    "Metric",
    "Task",
    "arrays",
    "default_data_dir",
    "packaged",
]
