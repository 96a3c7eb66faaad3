"""Release: from the sources with solutions to what students get.

write(course)               # stubs, notebooks and fixtures into step with their sources
check(course)               # what is out of step, nothing written
bundle(course, directory)   # the student bundle, after an independent check for leaks
"""

from .bundle import bundle, bundle_files, refuse_place
from .markers import ReleaseError
from .notebooks import marking_scheme
from .outputs import check, generate, write

__all__ = [
    "ReleaseError",
    "bundle",
    "bundle_files",
    "check",
    "generate",
    "marking_scheme",
    "refuse_place",
    "write",
]
