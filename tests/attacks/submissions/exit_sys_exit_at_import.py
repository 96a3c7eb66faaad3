"""Raises SystemExit(0) at import."""
# expect: on=nothing outcome=failed

import sys

sys.exit(0)
