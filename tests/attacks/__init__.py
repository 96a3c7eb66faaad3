"""The attack suite: submissions that mean harm, and what must become of each.

submissions/   one attack a file, as a student would hand it in; never imported by anything of ours
inbox.py       attacks by zips, folders, file names and notebooks, which are no Python source
hunting.py     canaries, processes and secrets: how the suite knows that nothing was touched or told
test_boundary  the same for what no test of kNN uses
test_attacks   grades them all together with honest work, and looks
"""
