"""A fresh process that times one block: a JSON request comes in, a JSON line per event goes out.

Run as `python -m lossbench.bench.timing.worker`; threads, devices and flags are in its environment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from typing import Any

from ..machine.scheduling import settle


def main() -> None:
    """Serve one request; whatever libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    request = json.loads(sys.stdin.readline())
    settle(request.get("core"))

    def say(event: str, **content: Any) -> None:
        events.write(json.dumps({"event": event, **content}) + "\n")
        events.flush()

    import tensorflow as tf

    # Plain float32 products on every GPU: TF32 would make float32 mean two things.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if "block" not in request:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        say("devices", names=[str(about.get("device_name", "GPU")) for about in details])
        return

    from .block import Block
    from .rounds import measure

    measure(Block.from_json(request["block"]), say)
    say("done")


if __name__ == "__main__":
    main()
