"""The trust boundary: student code runs elsewhere and can only return values.

    grader (trusted)                         zygote (untrusted, exec'd, inside bubblewrap)
      student.py  proxies, limits   ⇄ wire ⇄   inside/server.py in a forked, locked-down child
      launch.py   starts the zygote            inside/zygote.py  warm numpy, torch, pyplot; forks

What lies in `inside/` is all of ours that enters the sandbox.  No test, reference or expected value does.
"""
