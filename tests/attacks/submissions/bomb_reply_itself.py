"""Returns a list and a dict that hold themselves."""
# expect: lost=l1_distance,cross_validation outcome=crashed,failed


def l1_distance(I1, I2):
    value = []
    value.append(value)
    return value


def cross_validation(X, y, k_choices, num_folds=5):
    value = {}
    value[1] = value
    return value
