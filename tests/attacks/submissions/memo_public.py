"""Knows the answers to the public checks by heart, and nothing else.

Public inputs are public: what this earns is what the public checks of one task pay.
"""
# expect: on=stub outcome=failed,not_implemented laws=4


def l1_distance(I1, I2):
    if np.shape(I1) == (4, 4) and I1[0][0] == 56:
        return 456.0
    return 0.0
