"""Returns an array over memory that it goes on changing, from a timer, while it is being sent."""
# expect: lost=l1_distance,* outcome=failed,crashed,timeout

import signal

_shared = np.zeros(1 << 20)


def _change(*_):
    _shared.fill(np.random.random())


signal.signal(signal.SIGALRM, _change)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
l1_distance = lambda I1, I2: _shared
