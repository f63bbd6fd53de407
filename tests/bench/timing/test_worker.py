"""The process that times: on its core before anything starts a thread."""

import subprocess
import sys

LIGHT = """
import sys
from lossbench.bench.timing import worker

assert worker.serve
assert "tensorflow" not in sys.modules and "numpy" not in sys.modules
"""


def test_nothing_heavy_is_imported_before_it_has_settled():
    """Threads inherit core and policy, those that TensorFlow starts when it is imported too."""
    subprocess.run([sys.executable, "-c", LIGHT], check=True)
