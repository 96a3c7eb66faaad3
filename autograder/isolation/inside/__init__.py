"""Everything of ours that runs in the student's process: no test, no reference, no expected value.

These files are mounted into the sandbox on their own, so they import only one another, the standard library,
numpy and msgpack (torch where it is installed).
"""
