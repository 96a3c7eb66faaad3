"""Answers rightly, and ends the process a moment later, in the middle of somebody else's request."""
# expect: lost=* outcome=crashed

import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
signal.setitimer(signal.ITIMER_REAL, 0.05)
