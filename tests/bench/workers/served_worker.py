"""A worker process of two answers; run as `python -m served_worker`."""

import os
import sys
import warnings

from lossbench.bench.machine.scheduling import policy
from lossbench.bench.workers import serve as serving
from lossbench.bench.workers.serve import serve
from lossbench.datasets import DataUnavailable


def echo(request, say):
    os.write(1, b"straight to the standard output\n")
    print("and by way of Python")
    warnings.warn("heard by nobody", stacklevel=1)
    for number in range(request["times"]):
        say("step", number=number)
    return {"text": request["text"], "policy": policy()}


def fail(request, say):
    errors = {"user": ValueError, "data": DataUnavailable, "bug": KeyError, "end": SystemExit}
    raise errors[request["how"]](f"a reason\nin two lines of {request['how']}")


def grow(request, say):
    serving.RETIRES = serving.memory() - (1 << 20)
    return {}


if __name__ == "__main__":
    serve({"echo": echo, "fail": fail, "grow": grow})
    print("the end", file=sys.stderr)
