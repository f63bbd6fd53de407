"""A worker process that does what its requests say; run as `python -m scripted_worker`.

Imports nothing of ours, so that a test of how processes end does not wait for TensorFlow.
"""

import json
import os
import signal
import sys


def say(event, **content):
    print(json.dumps({"event": event, **content}), flush=True)


def die(how):
    print(f"about to end by {how}", file=sys.stderr, flush=True)
    if how == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(7)


if __name__ == "__main__":
    if how := os.environ.get("SCRIPTED_DIES_BEFORE_IT_IS_READY"):
        die(how)
    say("ready", pid=os.getpid())
    if how := os.environ.get("SCRIPTED_DIES_WHEN_IT_IS_READY"):
        die(how)
    for line in sys.stdin:
        request = json.loads(line)
        if "print" in request:
            print(request["print"], flush=True)
        while "for_ever" in request:
            say("steps", steps=1)
        if "die" in request:
            die(request["die"])
        if "fail" in request:
            say("failed", reason=request["fail"])
        elif "retire" in request:
            say("done", pid=os.getpid(), retires=True)
            break
        else:
            say("done", pid=os.getpid(), name=request.get("name"))
