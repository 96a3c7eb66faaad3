"""Right answers, while a thread of its own would burn the processor for as long as it lives."""
# expect: score=full

import threading


def _burn():
    while True:
        pass


try:
    threading.Thread(target=_burn).start()
except RuntimeError:  # the sandbox has no threads: then there is nothing to burn with
    pass
