"""`python -m lossbench.bench`."""

import sys

from .cli.main import main

sys.exit(main())
