"""A fresh process that times one block.

Run as `python -m lossbench.bench.timing.worker`; threads, devices and flags are in its environment.
"""

from __future__ import annotations

from typing import Any

from ..machine.scheduling import settle
from ..workers.serve import Say, serve
from .block import Block


def _time(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Time a block on a core, where one is given."""
    settle(request["core"])
    _prepare()
    from .rounds import measure

    measure(Block.from_json(request["block"]), say)
    return {}


def _devices(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Names of the GPUs that TensorFlow sees."""
    import tensorflow as tf

    details = [tf.config.experimental.get_device_details(gpu) for gpu in _prepare()]
    return {"names": [str(about.get("device_name", "GPU")) for about in details]}


def _prepare() -> list[Any]:
    """The GPUs, each to take no more memory than is needed."""
    import tensorflow as tf

    # Plain float32 products on every GPU: TF32 would make float32 mean two things.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    return gpus


if __name__ == "__main__":
    serve({"time": _time, "devices": _devices})
