"""Threads of a process that computes."""

import json
import os
import subprocess
import sys

import pytest

from lossbench.bench.machine.scheduling import policy

SETTLED = """
import json, os
from lossbench.bench.machine.scheduling import a_core, policy, settle
settle(a_core())
import tensorflow as tf
tf.function(lambda x: x @ x, jit_compile=True)(tf.ones((64, 64)))
threads = [int(name) for name in os.listdir("/proc/self/task")]
print(json.dumps({
    "policy": policy(),
    "policies": [os.sched_getscheduler(thread) for thread in threads],
    "cores": [len(os.sched_getaffinity(thread)) for thread in threads],
}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="policies of Linux")
def test_tensorflows_threads_inherit_policy_and_core():
    assert policy() == "usual"
    ended = subprocess.run(
        [sys.executable, "-c", SETTLED],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    )
    told = json.loads(ended.stdout)
    assert told["policy"] == "batch"
    assert len(told["policies"]) > 2, "TensorFlow has started no thread"
    assert set(told["policies"]) == {os.SCHED_BATCH}
    assert set(told["cores"]) == {1}
