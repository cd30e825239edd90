"""Says what is being done, and how long the run has taken so far."""

import time

_began, _work = time.monotonic(), ""


def begin(work):
    """What is told from now on is of this work."""
    global _work
    _work = work


def tell(what):
    print("%5.1f min  %s: %s" % ((time.monotonic() - _began) / 60, _work, what), flush=True)
