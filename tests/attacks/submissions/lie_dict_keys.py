"""Returns dicts with keys that are nan, arrays, tuples, equal to one another, or thousands."""
# expect: lost=cross_validation outcome=failed,crashed

_calls = []


def cross_validation(X, y, k_choices, num_folds=5):
    _calls.append(1)
    return (
        {float("nan"): 1, np.float64("nan"): 2},
        {(1, (2, (3,))): [0.5] * num_folds, None: 0},
        {np.int64(k): [0.5] * num_folds for k in k_choices},
        {i: [] for i in range(100_000)},
        {k: {k: {}} for k in k_choices},
        {True: [1.0] * num_folds, 3.0: [1.0] * num_folds},
        {k: [[[[]]]] * num_folds for k in k_choices},
        {"\x00<b>" * 1000: 1},
    )[len(_calls) % 8]
