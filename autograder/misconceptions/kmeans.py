"""Wrong answers to the kmeans assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  `lloyd` is built on `assign`, `update` and `objective`, and `kmeans`
on `lloyd`, so some mistakes cost more tasks than their own.
"""

import numpy as np

from autograder.catalogue import misconception

# ----------------------------------------------------------------------------------------------- assign_naive


@misconception(
    module="kmeans",
    replaces="assign_naive",
    loses=["assign_naive"],
    name="the farthest center",
    why="the comparison is the wrong way round",
    hint="Your points choose the center with the largest distance.  Which way round is your comparison?",
)
def naive_farthest(original):
    def assign_naive(features, centers):
        return np.array([np.argmax([np.sum((x - c) ** 2) for c in centers]) for x in features])

    return assign_naive


@misconception(
    module="kmeans",
    replaces="assign_naive",
    loses=["assign_naive"],
    name="the last of equally near centers",
    why="<= instead of < replaces the first minimum by the last",
    hint="With two equally near centers, which of them does your comparison keep?",
)
def naive_last_of_equals(original):
    def assign_naive(features, centers):
        return len(centers) - 1 - original(features, centers[::-1])

    return assign_naive


@misconception(
    module="kmeans",
    replaces="assign_naive",
    loses=["assign_naive"],
    name="signs cancel",
    why="the differences are added before they are squared",
    hint="From (0, 0), the point (3, -3) is not 0 away: first square, then add.",
)
def naive_signs_cancel(original):
    def assign_naive(features, centers):
        return np.array([np.argmin([np.sum(x - c) ** 2 for c in centers]) for x in features])

    return assign_naive


@misconception(
    module="kmeans",
    replaces="assign_naive",
    loses=["assign_naive"],
    name="the smallest distance is never reset",
    why="`smallest = np.inf` stands before both loops",
    hint="The second point starts to look with which `smallest`?  Each point needs its own.",
)
def naive_never_reset(original):
    def assign_naive(features, centers):
        assignments, smallest = np.zeros(len(features), dtype=np.int64), np.inf
        for n, x in enumerate(features):
            for i, c in enumerate(centers):
                distance = np.sum((x - c) ** 2)
                if distance < smallest:
                    smallest, assignments[n] = distance, i
        return assignments

    return assign_naive


# ----------------------------------------------------------------------------------------------------- assign


@misconception(
    module="kmeans",
    replaces="assign",
    loses=["assign", "lloyd", "kmeans"],
    name="the centers' squares are left out",
    why="|x|² may be dropped, so |c|² is dropped as well",
    hint="|x|² is the same for every center, and may go.  Is |c|² the same for every center?",
)
def assign_largest_product(original):
    def assign(features, centers):
        return np.argmax(features @ centers.T, axis=1)

    return assign


@misconception(
    module="kmeans",
    replaces="assign",
    loses=["assign", "lloyd", "kmeans"],
    name="the 2 of the expansion is missing",
    why="the middle term of the square is remembered without its factor",
    hint="(x - c)² written out has three terms.  What is the factor of the one in the middle?",
)
def assign_without_two(original):
    def assign(features, centers):
        return np.argmin((centers**2).sum(axis=1) - features @ centers.T, axis=1)

    return assign


@misconception(
    module="kmeans",
    replaces="assign",
    loses=["assign", "lloyd", "kmeans"],
    name="the last chunk is left out",
    why="the number of chunks is N // CHUNK, which rounds down",
    hint="With 40,000 points and chunks of 16,384, how many points are in none of N // CHUNK chunks?",
)
def assign_drops_last_chunk(original):
    def assign(features, centers):
        assignments = np.zeros(len(features), dtype=np.int64)
        whole = len(features) // CHUNK * CHUNK  # noqa: F821
        assignments[:whole] = original(features[:whole], centers)
        return assignments

    return assign


@misconception(
    module="kmeans",
    replaces="assign",
    loses=["assign"],
    name="all distances at once",
    why="broadcasting N × k × D numbers is the shortest way to write it",
    hint="A photo of 12 megapixels and 64 centers: how many bytes has your largest array?",
)
def assign_broadcasts(original):
    def assign(features, centers):
        return ((features[:, None, :] - centers) ** 2).sum(axis=2).argmin(axis=1)

    return assign


@misconception(
    module="kmeans",
    replaces="assign",
    loses=["assign"],
    name="a loop over the points",
    why="it was right in assign_naive",
    hint="Python takes a step for each point.  Let numpy do a whole chunk of them in one.",
)
def assign_loops(original):
    def assign(features, centers):
        return np.array([int(np.argmin(((x - centers) ** 2).sum(axis=1))) for x in features])

    return assign


# ----------------------------------------------------------------------------------------------------- update


@misconception(
    module="kmeans",
    replaces="update",
    loses=["update", "lloyd"],
    name="an empty cluster becomes nan",
    why="the mean of no points is 0 / 0, and numpy only warns",
    hint="What is `features[assignments == i].mean(axis=0)` if no point is assigned to i?",
)
def update_nan(original):
    def update(features, assignments, centers):
        new = original(features, assignments, centers)
        new[np.bincount(assignments, minlength=len(centers)) == 0] = np.nan
        return new

    return update


@misconception(
    module="kmeans",
    replaces="update",
    loses=["update", "lloyd"],
    name="an empty cluster stays where it is",
    why="it does no harm there, and it is the first thing that comes to mind",
    hint="A center that is no point's nearest will hardly become so by waiting.  Where would it help most?",
)
def update_keeps_empty(original):
    def update(features, assignments, centers):
        new = original(features, assignments, centers)
        empty = np.bincount(assignments, minlength=len(centers)) == 0
        new[empty] = centers[empty]
        return new

    return update


@misconception(
    module="kmeans",
    replaces="update",
    loses=["update", "lloyd"],
    name="an empty cluster goes to the origin",
    why="dividing by max(count, 1) avoids the warning and leaves 0",
    hint="0 / 1 is no nan any more, but is black (0, 0, 0) where a center is needed?",
)
def update_origin(original):
    def update(features, assignments, centers):
        new = original(features, assignments, centers)
        new[np.bincount(assignments, minlength=len(centers)) == 0] = 0
        return new

    return update


@misconception(
    module="kmeans",
    replaces="update",
    loses=["update", "lloyd", "kmeans"],
    name="one mean for all numbers of a point",
    why="`mean()` without an axis returns one number, and numpy fills a whole row with it",
    hint="Are all numbers of a center of yours the same?  A mean of colours is a colour.",
)
def update_mean_of_everything(original):
    def update(features, assignments, centers):
        new = original(features, assignments, centers)
        return np.repeat(new.mean(axis=1, keepdims=True), new.shape[1], axis=1)

    return update


@misconception(
    module="kmeans",
    replaces="update",
    loses=["update", "lloyd", "kmeans"],
    name="the median instead of the mean",
    why="both are called the middle; k-medians exists as well, for the L1 distance",
    hint="k-means has the answer in its name: of 0, 0 and 9, the middle that minimises squares is 3.",
)
def update_median(original):
    def update(features, assignments, centers):
        new = original(features, assignments, centers)
        for i in np.unique(assignments):
            new[i] = np.median(features[assignments == i], axis=0)
        return new

    return update


# -------------------------------------------------------------------------------------------------- objective


@misconception(
    module="kmeans",
    replaces="objective",
    loses=["objective", "lloyd"],
    name="the mean instead of the sum",
    why="the next slide divides by N, and both have their least value at the same place",
    hint="SSD is a sum.  For which of the two slides is your number?",
)
def objective_mean(original):
    def objective(features, assignments, centers):
        return original(features, assignments, centers) / len(features)

    return objective


@misconception(
    module="kmeans",
    replaces="objective",
    loses=["objective", "lloyd"],
    name="distances instead of their squares",
    why="the root is part of what is called the distance",
    hint="Points 1, 2, 0 and 5 away: 1 + 4 + 0 + 25.  Is yours 8?",
)
def objective_distances(original):
    def objective(features, assignments, centers):
        return float(np.linalg.norm(features - centers[assignments], axis=1).sum())

    return objective


@misconception(
    module="kmeans",
    replaces="objective",
    loses=["objective", "lloyd"],
    name="the nearest center instead of the assigned one",
    why="after an assignment step both are the same",
    hint="The objective judges the assignments too: what should it be for a point with a wrong one?",
)
def objective_nearest(original):
    def objective(features, assignments, centers):
        return float(((features[:, None] - centers) ** 2).sum(axis=2).min(axis=1).sum())

    return objective


@misconception(
    module="kmeans",
    replaces="objective",
    loses=["objective", "lloyd"],
    name="the root of the sum",
    why="np.linalg.norm of the difference is shorter than the sum of squares, and takes a root",
    hint="The formula ends with a square.  For the four points of the check, is yours √30?",
)
def objective_root(original):
    def objective(features, assignments, centers):
        return original(features, assignments, centers) ** 0.5

    return objective


# ------------------------------------------------------------------------------------------------------ lloyd


@misconception(
    module="kmeans",
    replaces="lloyd",
    loses=["lloyd", "kmeans"],
    name="one round only",
    why="return stands inside the loop",
    hint="How long is your history?  The loop ends when nothing changes, not after the first round.",
)
def lloyd_one_round(original):
    def lloyd(features, centers, num_iters=100):
        return original(features, centers, 1)

    return lloyd


@misconception(
    module="kmeans",
    replaces="lloyd",
    loses=["lloyd"],
    name="the objective before the update",
    why="assignments and centers are both at hand right after the assignment step",
    hint="The history wants the objective with the *new* centers: is your first number larger?",
)
def lloyd_objective_before_update(original):
    def lloyd(features, centers, num_iters=100):
        found, assignments, history = original(features, centers, num_iters)
        before = []
        for _ in history:
            nearest = assign(features, centers)  # noqa: F821
            before.append(objective(features, nearest, centers))  # noqa: F821
            centers = update(features, nearest, centers)  # noqa: F821
        return found, assignments, before

    return lloyd


@misconception(
    module="kmeans",
    replaces="lloyd",
    loses=["lloyd"],
    name="an update after nothing changed",
    why="the test for convergence stands at the end of the round, after the update",
    hint="Your history ends with the same number twice: where in the round do you look for changes?",
)
def lloyd_one_update_too_many(original):
    def lloyd(features, centers, num_iters=100):
        found, assignments, history = original(features, centers, num_iters)
        return found, assignments, [*history, history[-1]] if len(history) < num_iters else history

    return lloyd


@misconception(
    module="kmeans",
    replaces="lloyd",
    loses=["lloyd"],
    name="it never stops early",
    why="the loop over num_iters is there, and the other way to end is forgotten",
    hint="How long is your history for six points?  When nothing changed, nothing will change.",
)
def lloyd_never_stops(original):
    def lloyd(features, centers, num_iters=100):
        history = []
        for _ in range(num_iters):
            assignments = assign(features, centers)  # noqa: F821
            centers = update(features, assignments, centers)  # noqa: F821
            history.append(objective(features, assignments, centers))  # noqa: F821
        return centers, assignments, history

    return lloyd


@misconception(
    module="kmeans",
    replaces="lloyd",
    loses=["lloyd"],
    name="the centers that were passed are overwritten",
    why="centers[:] = … changes the caller's array",
    hint="Start twice from the same centers: does your second run begin where the first one did?",
)
def lloyd_overwrites(original):
    def lloyd(features, centers, num_iters=100):
        found, assignments, history = original(features, centers.copy(), num_iters)
        centers[:] = found
        return centers, assignments, history

    return lloyd


# -------------------------------------------------------------------------------------------------- plus_plus


@misconception(
    module="kmeans",
    replaces="kmeans_plus_plus",
    loses=["plus_plus"],
    name="distances instead of their squares",
    why="far points are likelier with both",
    hint="A point at 5 should be as likely as how many points at 1?  The formula has a square.",
)
def plus_plus_distances(original):
    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        centers = [features[rng.integers(len(features))]]
        for _ in range(1, k):
            d = np.min([np.linalg.norm(features - c, axis=1) for c in centers], axis=0)
            centers.append(features[rng.choice(len(features), p=d / d.sum() if d.sum() else None)])
        return np.array(centers)

    return kmeans_plus_plus


@misconception(
    module="kmeans",
    replaces="kmeans_plus_plus",
    loses=["plus_plus"],
    name="always the farthest point",
    why="k-means++ is remembered as: spread the centers out as far as possible",
    hint="The farthest point is likely, but not certain: one outlier must not always be a center.",
)
def plus_plus_farthest(original):
    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        centers = [features[rng.integers(len(features))]]
        for _ in range(1, k):
            d = np.min([((features - c) ** 2).sum(axis=1) for c in centers], axis=0)
            centers.append(features[d.argmax()])
        return np.array(centers)

    return kmeans_plus_plus


@misconception(
    module="kmeans",
    replaces="kmeans_plus_plus",
    loses=["plus_plus"],
    name="any points, all alike",
    why="that is the initialisation of the slide before",
    hint="That is `random_centers`.  Where do the distances come in?",
)
def plus_plus_uniform(original):
    def kmeans_plus_plus(features, k, seed=None):
        return random_centers(features, k, seed)  # noqa: F821

    return kmeans_plus_plus


@misconception(
    module="kmeans",
    replaces="kmeans_plus_plus",
    loses=["plus_plus"],
    name="distances from the last center only",
    why="the distances are worked out anew in each round, and the earlier centers are forgotten",
    hint="The third center should be far from the second *and* from the first.  Keep the least distance.",
)
def plus_plus_last_center(original):
    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        centers = [features[rng.integers(len(features))]]
        for _ in range(1, k):
            d = ((features - centers[-1]) ** 2).sum(axis=1)
            centers.append(features[rng.choice(len(features), p=d / d.sum() if d.sum() else None)])
        return np.array(centers)

    return kmeans_plus_plus


@misconception(
    module="kmeans",
    replaces="kmeans_plus_plus",
    loses=["plus_plus"],
    name="the first point is always a center",
    why="features[0] is as good as any, on paper",
    hint="If the first point is an outlier, every run of yours starts with it.  By lot, says the docstring.",
)
def plus_plus_first_point(original):
    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        centers = [features[0]]
        for _ in range(1, k):
            d = np.min([((features - c) ** 2).sum(axis=1) for c in centers], axis=0)
            centers.append(features[rng.choice(len(features), p=d / d.sum() if d.sum() else None)])
        return np.array(centers)

    return kmeans_plus_plus


# ----------------------------------------------------------------------------------------------------- kmeans


@misconception(
    module="kmeans",
    replaces="kmeans",
    loses=["kmeans"],
    name="the last run instead of the best",
    why="what a loop leaves in its variables is what was last",
    hint="Print the objective of every run: which of them do you return?",
)
def kmeans_last_run(original):
    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        rng = np.random.default_rng(seed)
        for _ in range(restarts):
            _, assignments, _ = lloyd(features, kmeans_plus_plus(features, k, rng), num_iters)  # noqa: F821
        return assignments

    return kmeans


@misconception(
    module="kmeans",
    replaces="kmeans",
    loses=["kmeans"],
    name="the worst run instead of the best",
    why="large is better in most scores, but this is a cost",
    hint="The objective is what k-means makes small.  Do you keep the smallest?",
)
def kmeans_worst_run(original):
    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        rng, most = np.random.default_rng(seed), -np.inf
        for _ in range(restarts):
            _, assignments, history = lloyd(features, kmeans_plus_plus(features, k, rng), num_iters)  # noqa: F821
            if history[-1] > most:
                most, worst = history[-1], assignments
        return worst

    return kmeans


@misconception(
    module="kmeans",
    replaces="kmeans",
    loses=["kmeans"],
    name="all runs from the same seed",
    why="the seed is passed on to each run, which then draws the same centers",
    hint="Print the first centers of each run: do they differ?  Make one generator, before the loop.",
)
def kmeans_same_runs(original):
    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        return original(features, k, num_iters, 1, seed)

    return kmeans


@misconception(
    module="kmeans",
    replaces="kmeans",
    loses=["kmeans"],
    name="the seed is not used",
    why="the functions of np.random draw without being given a generator",
    hint="Call it twice with seed=0: are the groups numbered alike?",
)
def kmeans_unseeded(original):
    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        return original(features, k, num_iters, restarts, np.random.randint(2**31))

    return kmeans


# --------------------------------------------------------------------------------------------- pixel_features


@misconception(
    module="features",
    replaces="colour",
    loses=["pixel_features"],
    name="columns of the image instead of rows",
    why="x is thought of before y, and the axes are swapped before the reshape",
    hint="Row 1 of yours is the pixel below the first one.  Pixel (y, x) is row y·W + x.",
)
def colour_by_columns(original):
    def colour(image):
        return original(image.transpose(1, 0, 2))

    return colour


@misconception(
    module="features",
    replaces="colour",
    loses=["pixel_features"],
    name="channels and pixels mixed up",
    why="reshape(3, -1).T has the right shape",
    hint="Print your first row: does it hold the red of three pixels?  Reshape keeps the order in memory.",
)
def colour_mixed_up(original):
    def colour(image):
        return (image.reshape(3, -1).T / 255).astype(np.float32)

    return colour


@misconception(
    module="features",
    replaces="colour",
    loses=["pixel_features"],
    name="colours from 0 to 255",
    why="that is what the file holds",
    hint="White is (1, 1, 1) here: with 255, a place from 0 to 1 would count for nothing beside a colour.",
)
def colour_not_scaled(original):
    def colour(image):
        return image.reshape(-1, 3).astype(np.float32)

    return colour


@misconception(
    module="features",
    replaces="intensity",
    loses=["pixel_features"],
    name="the mean of red, green and blue",
    why="brightness is thought of as an average",
    hint="Green looks five times as bright as blue: see LUMA.",
)
def intensity_mean(original):
    def intensity(image):
        return image.reshape(-1, 3).mean(axis=1, keepdims=True) / 255

    return intensity


@misconception(
    module="features",
    replaces="colour_position",
    loses=["pixel_features"],
    name="x before y",
    why="points are (x, y) in mathematics",
    hint="The fourth number grows from row to row of the image, the fifth along a row.",
)
def position_x_first(original):
    def colour_position(image, weight=1.0):
        return original(image, weight)[:, [0, 1, 2, 4, 3]]

    return colour_position


@misconception(
    module="features",
    replaces="colour_position",
    loses=["pixel_features"],
    name="height and width each scaled to 1",
    why="both coordinates should go from 0 to 1",
    hint="In a wide photo, a step to the right and a step down would then not be equally far.",
)
def position_both_scaled(original):
    def colour_position(image, weight=1.0):
        H, W, _ = image.shape
        found = original(image, weight)
        return found * np.array([1, 1, 1, max(H, W) / H, max(H, W) / W])

    return colour_position


@misconception(
    module="features",
    replaces="colour_position",
    loses=["pixel_features"],
    name="the weight multiplies everything",
    why="`weight *` stands before the whole array",
    hint="If colour and place both grow by the weight, what has changed for k-means?",
)
def position_weight_on_all(original):
    def colour_position(image, weight=1.0):
        return weight * original(image, 1.0)

    return colour_position


# ---------------------------------------------------------------------------------------------------- texture


@misconception(
    module="features",
    replaces="texture",
    loses=["texture"],
    name="signs cancel in the window",
    why="the absolute value is forgotten, or taken after the mean",
    hint="A stripe has an edge on both sides, of opposite signs.  What is their mean?",
)
def texture_signs_cancel(original):
    def texture(image, window=9):
        grey = image @ np.array(LUMA) / 255  # noqa: F821
        energies = []
        for v, h in LAWS:  # noqa: F821
            response = ndimage.correlate1d(ndimage.correlate1d(grey, v, axis=0), h, axis=1)  # noqa: F821
            energies.append(np.abs(ndimage.uniform_filter(response, window)).ravel())  # noqa: F821
        return np.stack(energies, axis=1)

    return texture


@misconception(
    module="features",
    replaces="texture",
    loses=["texture"],
    name="no mean over the window",
    why="the filters' responses look like features already",
    hint="Between two stripes there is no edge, yet that pixel belongs to the stripes.  Look around it.",
)
def texture_no_window(original):
    def texture(image, window=9):
        return original(image, 1)

    return texture


@misconception(
    module="features",
    replaces="texture",
    loses=["texture"],
    name="rows and columns swapped",
    why="(v, h) is taken as axis 1 and axis 0",
    hint="Vertical stripes change along a row of the image: which mask runs along axis 1?",
)
def texture_swapped(original):
    def texture(image, window=9):
        return original(image, window)[:, [1, 0, 2, 4, 3, 5]]

    return texture


@misconception(
    module="features",
    replaces="texture",
    loses=["texture"],
    name="zeros outside the image",
    why="networks pad with zeros",
    hint="A plain wall has no texture at its border either.  What does your filter see beyond the border?",
)
def texture_zeros_outside(original):
    def texture(image, window=9):
        grey, energies = image @ np.array(LUMA) / 255, []  # noqa: F821
        for v, h in LAWS:  # noqa: F821
            response = ndimage.correlate1d(grey, v, axis=0, mode="constant")  # noqa: F821
            response = np.abs(ndimage.correlate1d(response, h, axis=1, mode="constant"))  # noqa: F821
            energies.append(ndimage.uniform_filter(response, window, mode="constant").ravel())  # noqa: F821
        return np.stack(energies, axis=1)

    return texture


# ------------------------------------------------------------------------------------------------------ shift


@misconception(
    module="mean_shift",
    replaces="shift",
    loses=["shift"],
    name="a lonely point becomes nan",
    why="the mean of no features is 0 / 0",
    hint="How many features are around a point far from all of them, and what do you divide by?",
)
def shift_nan(original):
    def shift(points, features, bandwidth):
        moved, counts = original(points, features, bandwidth)
        moved[counts == 0] = np.nan
        return moved, counts

    return shift


@misconception(
    module="mean_shift",
    replaces="shift",
    loses=["shift"],
    name="the edge of the window is left out",
    why="< and <= are taken for the same",
    hint="A feature exactly one bandwidth away: is it around the point?  Read the formula.",
)
def shift_edge_left_out(original):
    def shift(points, features, bandwidth):
        return original(points, features, bandwidth * (1 - 1e-9))

    return shift


@misconception(
    module="mean_shift",
    replaces="shift",
    loses=["shift"],
    name="a square window",
    why="each coordinate is compared with the bandwidth on its own",
    hint="With bandwidth 1, is (0.9, 0.9) around the origin?  Its distance is 1.27.",
)
def shift_square_window(original):
    def shift(points, features, bandwidth):
        near = (np.abs(points[:, None] - features) <= bandwidth).all(axis=2)
        counts = near.sum(axis=1)
        means = near.astype(float) @ features / np.maximum(counts, 1)[:, None]
        return np.where(counts[:, None] > 0, means, points), counts

    return shift


@misconception(
    module="mean_shift",
    replaces="shift",
    loses=["shift", "mean_shift"],
    name="the squared distance against the bandwidth",
    why="the root is saved, and the square on the other side forgotten",
    hint="|x - p|² is compared with what?  For bandwidth 1 you would not notice.",
)
def shift_squared(original):
    def shift(points, features, bandwidth):
        return original(points, features, bandwidth**0.5)

    return shift


# ------------------------------------------------------------------------------------------------- mean_shift


@misconception(
    module="mean_shift",
    replaces="mean_shift",
    loses=["mean_shift"],
    name="one step instead of a climb",
    why="the name says shift, and one is done",
    hint="After one step, points of one group are close together, but not at the summit.  Go on.",
)
def mean_shift_one_step(original):
    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        return original(features, bandwidth, starts, 1)

    return mean_shift


@misconception(
    module="mean_shift",
    replaces="mean_shift",
    loses=["mean_shift"],
    name="modes in the order in which they were found",
    why="the list of modes grows as the points arrive",
    hint="Which mode comes first?  Count the features around each of them, then sort.",
)
def mean_shift_unsorted(original):
    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        modes, assignments = original(features, bandwidth, starts, num_iters)
        order = np.lexsort(modes.T[::-1])
        return modes[order], np.argsort(order)[assignments]

    return mean_shift


@misconception(
    module="mean_shift",
    replaces="mean_shift",
    loses=["mean_shift"],
    name="every summit is a mode of its own",
    why="np.unique tells points apart that differ in the tenth digit",
    hint="Points of one group arrive at almost the same place.  Which summits are the same mode?",
)
def mean_shift_not_merged(original):
    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        points = np.array(features if starts is None else starts, dtype=float)
        for _ in range(num_iters):
            points, _ = shift(points, features, bandwidth)  # noqa: F821
        _, counts = shift(points, features, bandwidth)  # noqa: F821
        modes = points[np.argsort(-counts, kind="stable")]
        return modes, nearest(features, modes)  # noqa: F821

    return mean_shift


@misconception(
    module="mean_shift",
    replaces="mean_shift",
    loses=["mean_shift"],
    name="the features climb as well",
    why="points and features are one array, which moves in every step",
    hint="Where do the means come from: from the features as they are, or from where points have moved to?",
)
def mean_shift_blurs(original):
    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        points = np.array(features, dtype=float)
        for _ in range(num_iters):
            moved, _ = shift(points, points, bandwidth)  # noqa: F821
            if np.allclose(moved, points):
                break
            points = moved
        found = points if starts is None else shift(np.array(starts, float), points, bandwidth)[0]  # noqa: F821
        _, counts = shift(found, features, bandwidth)  # noqa: F821
        modes = []
        for point in found[np.argsort(-counts, kind="stable")]:
            if all(np.linalg.norm(point - mode) >= bandwidth for mode in modes):
                modes.append(point)
        modes = np.array(modes)
        return modes, nearest(features, modes)  # noqa: F821

    return mean_shift


# --------------------------------------------------------------------------------------------------- affinity


@misconception(
    module="normalized_cut",
    replaces="affinity",
    loses=["affinity"],
    name="colours from 0 to 255",
    why="the image is used as it is, and all weights vanish",
    hint="With colours from 0 to 255 and sigma 0.1, what is left of exp(-…)?  F goes from 0 to 1.",
)
def affinity_bytes(original):
    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        return original(image, radius, sigma_colour / 255, sigma_position)

    return affinity


@misconception(
    module="normalized_cut",
    replaces="affinity",
    loses=["affinity"],
    name="a factor 2 under the squares",
    why="the density of a Gaussian has 2σ² there",
    hint="Compare with the formula in the docstring: what stands under |F_i - F_j|²?",
)
def affinity_gaussian(original):
    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        return original(image, radius, sigma_colour * 2**0.5, sigma_position * 2**0.5)

    return affinity


@misconception(
    module="normalized_cut",
    replaces="affinity",
    loses=["affinity"],
    name="the place does not count",
    why="the radius seems to take care of it",
    hint="Within the radius, is a pixel 1 away linked as strongly as one 3 away?",
)
def affinity_without_place(original):
    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        return original(image, radius, sigma_colour, 1e9)

    return affinity


@misconception(
    module="normalized_cut",
    replaces="affinity",
    loses=["affinity"],
    name="a row's end is linked with the next row's start",
    why="pixel i + 1 is taken for the right neighbour of pixel i",
    hint="Pixels W - 1 and W are neighbours in number.  Where are they in the image?",
)
def affinity_wraps(original):
    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        W = original(image, radius, sigma_colour, sigma_position).tolil()
        H, width, _ = image.shape
        for y in range(H - 1):
            i, j = y * width + width - 1, y * width + width
            W[i, j] = W[j, i] = np.exp(-1 / sigma_position**2)
        return W.tocsr()

    return affinity


# -------------------------------------------------------------------------------------------------- cut_value


@misconception(
    module="normalized_cut",
    replaces="cut_value",
    loses=["cut_value", "bipartition"],
    name="the cut without the normalisation",
    why="the minimum cut is what graphs are known for",
    hint="A cut that costs 1 may separate one pixel or half the image.  Divide by what it separates.",
)
def cut_not_normalised(original):
    def cut_value(W, side):
        A = np.asarray(side).astype(float)
        return float((1 - A) @ (W @ A))

    return cut_value


@misconception(
    module="normalized_cut",
    replaces="cut_value",
    loses=["cut_value", "bipartition"],
    name="assoc within the side only",
    why="assoc(A, A) and assoc(A, V) are read as the same",
    hint="assoc(A, V) goes to all pixels: the links that are cut belong to it as well.",
)
def cut_within(original):
    def cut_value(W, side):
        A = np.asarray(side).astype(float)
        cut, a, b = (1 - A) @ (W @ A), A @ (W @ A), (1 - A) @ (W @ (1 - A))
        return 2.0 if a == 0 or b == 0 else float(cut / a + cut / b)

    return cut_value


@misconception(
    module="normalized_cut",
    replaces="cut_value",
    loses=["cut_value", "bipartition"],
    name="each cut link counted twice",
    why="W is symmetric, and both w_ij and w_ji are added up",
    hint="cut(A, B) goes from A to B.  For the triangles, is yours twice 1/13 + 1/19?",
)
def cut_twice(original):
    def cut_value(W, side):
        value = original(W, side)
        return 2 * value if value < 2 else value

    return cut_value


@misconception(
    module="normalized_cut",
    replaces="cut_value",
    loses=["cut_value"],
    name="an empty side costs nothing",
    why="0 / 0 is mended to 0",
    hint="If cutting off nothing were free, what would the cheapest cut of every graph be?",
)
def cut_empty_is_free(original):
    def cut_value(W, side):
        d, A = np.asarray(W.sum(axis=1)).ravel(), np.asarray(side, dtype=bool)
        return original(W, side) if d[A].sum() > 0 and d[~A].sum() > 0 else 0.0

    return cut_value


# ------------------------------------------------------------------------------------------------ bipartition


@misconception(
    module="normalized_cut",
    replaces="second_eigenvector",
    loses=["bipartition"],
    name="the first eigenvector",
    why="the largest eigenvalue of S is asked for, and it is the one of the constant vector",
    hint="Is your y the same for all pixels?  λ = 0 cuts nothing off.",
)
def eigenvector_first(original):
    def second_eigenvector(W):
        return np.ones(W.shape[0]) / np.sqrt(W.sum())

    return second_eigenvector


@misconception(
    module="normalized_cut",
    replaces="second_eigenvector",
    loses=["bipartition"],
    name="z instead of y",
    why="the eigenvector of the ordinary problem is returned as it is",
    hint="z = D^½ y.  What is missing between what eigsh returns and y?",
)
def eigenvector_not_scaled(original):
    def second_eigenvector(W):
        return original(W) * np.sqrt(W.sum(axis=1))

    return second_eigenvector


@misconception(
    module="normalized_cut",
    replaces="second_eigenvector",
    loses=["bipartition"],
    name="the cut without the normalisation",
    why="the Laplacian D - W alone is the better known problem",
    hint="Yours solves (D - W) y = λ y.  Where is D on the right-hand side?",
)
def eigenvector_of_laplacian(original):
    def second_eigenvector(W):
        W = W.toarray()
        return np.linalg.eigh(np.diag(W.sum(axis=1)) - W)[1][:, 1]

    return second_eigenvector


@misconception(
    module="normalized_cut",
    replaces="bipartition",
    loses=["bipartition"],
    name="the threshold is always 0",
    why="the sign of the eigenvector is the rule that everybody remembers",
    hint="Zero is one threshold of many.  Which of them is the cheapest?",
)
def bipartition_by_sign(original):
    def bipartition(W, num_thresholds=20):
        side = second_eigenvector(W) > 0  # noqa: F821
        return side, cut_value(W, side)  # noqa: F821

    return bipartition


@misconception(
    module="normalized_cut",
    replaces="bipartition",
    loses=["bipartition"],
    name="the dearest cut",
    why="argmax is typed where argmin is meant",
    hint="Ncut is a cost.  Which of the thresholds has the least?",
)
def bipartition_dearest(original):
    def bipartition(W, num_thresholds=20):
        y = second_eigenvector(W)  # noqa: F821
        sides = [y > t for t in np.linspace(y.min(), y.max(), num_thresholds + 2)[1:-1]]
        values = [cut_value(W, side) for side in sides]  # noqa: F821
        return sides[int(np.argmax(values))], max(values)

    return bipartition


# -------------------------------------------------------------------------------------------------- agreement


@misconception(
    module="metrics",
    replaces="best_segment",
    loses=["agreement"],
    name="the segment that shares most",
    why="the largest intersection is taken for the best",
    hint="A segment that is the whole image shares all of the mask.  Divide by the union before you choose.",
)
def best_by_intersection(original):
    def best_segment(assignments, mask):
        shared = np.bincount(assignments[mask], minlength=int(assignments.max()) + 1)
        segment = int(shared.argmax())
        own = assignments == segment
        return segment, float((own & mask).sum() / max((own | mask).sum(), 1))

    return best_segment


@misconception(
    module="metrics",
    replaces="best_segment",
    loses=["agreement"],
    name="the sum instead of the union",
    why="|S| + |M| counts what both share twice",
    hint="For a perfect match, is yours 1/2?  Pixels that both share belong to the union once.",
)
def best_by_sum(original):
    def best_segment(assignments, mask):
        segment, iou = original(assignments, mask)
        return segment, iou / (1 + iou)

    return best_segment


@misconception(
    module="metrics",
    replaces="rand_index",
    loses=["agreement"],
    name="pairs that are apart are forgotten",
    why="agreeing is thought of as being together",
    hint="Two pixels that are apart in both segmentations: do the segmentations agree on them?",
)
def rand_together_only(original):
    def rand_index(first, second):
        first, second = np.ravel(first), np.ravel(second)
        N = len(first)
        table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
        np.add.at(table, (first, second), 1)
        return float((table * (table - 1)).sum() / (N * (N - 1)))

    return rand_index


@misconception(
    module="metrics",
    replaces="rand_index",
    loses=["agreement"],
    name="the numbers of the segments are compared",
    why="the share of equal labels is what accuracy is",
    hint="Swap two segments' numbers: the segmentation is the same.  Is your result?",
)
def rand_is_accuracy(original):
    def rand_index(first, second):
        return float(np.mean(first == second))

    return rand_index


# ----------------------------------------------------------------------------------------------- quantisation


@misconception(
    module="metrics",
    replaces="psnr",
    loses=["quantisation"],
    name="uint8 wrap-around",
    why="images come as uint8, and numpy subtracts in the dtype that it is given",
    hint="np.uint8(10) - np.uint8(20) is 246, and its square does not fit either.",
)
def psnr_wraps(original):
    def psnr(image, other):
        error = np.mean((image - other) ** 2)
        return float(10 * np.log10(255**2 / error)) if error else float("inf")

    return psnr


@misconception(
    module="metrics",
    replaces="psnr",
    loses=["quantisation"],
    name="the natural logarithm",
    why="np.log is the logarithm of everywhere else",
    hint="Decibels are tenths of a power of ten.",
)
def psnr_natural(original):
    def psnr(image, other):
        return original(image, other) * float(np.log(10))

    return psnr


@misconception(
    module="metrics",
    replaces="psnr",
    loses=["quantisation"],
    name="255 is not squared",
    why="the ratio of peak and error is remembered, and the error is a square",
    hint="MSE is a square; what it is compared with must be one too.",
)
def psnr_peak_not_squared(original):
    def psnr(image, other):
        return original(image, other) - 10 * float(np.log10(255))

    return psnr


@misconception(
    module="metrics",
    replaces="quantised_bytes",
    loses=["quantisation"],
    name="a byte for each pixel",
    why="numbers up to 255 are kept in uint8",
    hint="Sixteen colours need numbers from 0 to 15: how many bits is that?",
)
def bytes_of_uint8(original):
    def quantised_bytes(num_pixels, k):
        return num_pixels + 3 * k

    return quantised_bytes


@misconception(
    module="metrics",
    replaces="quantised_bytes",
    loses=["quantisation"],
    name="the colours are not counted",
    why="the table is small beside the pixels",
    hint="Who opens the file must know what colour number 3 is.",
)
def bytes_without_table(original):
    def quantised_bytes(num_pixels, k):
        return original(num_pixels, k) - 3 * k

    return quantised_bytes
