"""The command line: `lossbench` and `python -m lossbench.bench`.

Exit codes: 0 fine, 1 finished with failed cells, 2 bad input (one line on standard error).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .lazy import defer_heavy_imports


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # one line is what a fault is told in
    defer_heavy_imports()
    from .arguments import parse  # reads files that `import tensorflow`

    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return options.execute(options)
    except ValueError as error:
        print(f"lossbench: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output went away
        sys.stderr.close()
        return 0
    except OSError as error:  # a full disk, a folder that vanished
        print(f"lossbench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        print(f"\nlossbench: {str(stopped) or 'stopped'}", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
