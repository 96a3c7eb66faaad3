"""Replaces msgpack in its process by something that calls every value 0."""
# expect: on=nothing outcome=failed,crashed

import msgpack

_packb = msgpack.packb
msgpack.packb = lambda o, **kwargs: _packb(["ok", 0])
