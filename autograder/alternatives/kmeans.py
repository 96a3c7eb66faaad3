"""Right answers to the kmeans assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: another order of summation, float32 inside, torch,
scipy's own functions, trees instead of matrices, another use of the random generator.
"""

import numpy as np

from autograder.catalogue import alternative

# ----------------------------------------------------------------------------------------------- assign_naive


@alternative(module="kmeans", replaces="assign_naive")
def naive_in_python(original):
    """Plain Python, number by number"""

    def assign_naive(features, centers):
        found = []
        for x in features.tolist():
            distances = [sum((a - b) ** 2 for a, b in zip(x, c, strict=True)) for c in centers.tolist()]
            found.append(distances.index(min(distances)))
        return np.array(found)

    return assign_naive


@alternative(module="kmeans", replaces="assign_naive")
def naive_centers_outside(original):
    """The loop over centers outside, with roots, in int32"""

    def assign_naive(features, centers):
        assignments = np.zeros(len(features), dtype=np.int32)
        smallest = np.full(len(features), np.inf)
        for i, c in enumerate(centers):
            for n, x in enumerate(features):
                d = np.linalg.norm(x - c)
                if d < smallest[n]:
                    smallest[n], assignments[n] = d, i
        return assignments

    return assign_naive


# ----------------------------------------------------------------------------------------------------- assign


@alternative(module="kmeans", replaces="assign")
def assign_running_minimum(original):
    """A loop over the centers, and a running minimum"""

    def assign(features, centers):
        nearest = np.zeros(len(features), dtype=np.int64)
        smallest = np.full(len(features), np.inf)
        for i, c in enumerate(centers):
            d = ((features - c) ** 2).sum(axis=1)
            closer = d < smallest
            nearest[closer], smallest[closer] = i, d[closer]
        return nearest

    return assign


@alternative(module="kmeans", replaces="assign")
def assign_by_scipy(original):
    """scipy's cdist, in chunks of a thousand"""

    def assign(features, centers):
        from scipy.spatial.distance import cdist

        rows = 1000
        parts = [cdist(features[i : i + rows], centers, "sqeuclidean").argmin(axis=1)
                 for i in range(0, len(features), rows)]  # fmt: skip
        return np.concatenate(parts)

    return assign


@alternative(module="kmeans", replaces="assign")
def assign_by_torch(original):
    """torch's distances, in float64, in chunks of four thousand"""

    def assign(features, centers):
        import torch

        x, c = torch.as_tensor(np.array(features, float)), torch.as_tensor(np.array(centers, float))
        exactly = "donot_use_mm_for_euclid_dist"
        parts = [torch.cdist(p, c, compute_mode=exactly).argmin(dim=1) for p in x.split(4000)]
        return torch.cat(parts).numpy()

    return assign


# ----------------------------------------------------------------------------------------------------- update


@alternative(module="kmeans", replaces="update")
def update_with_masks(original):
    """A mask for each center, and np.mean"""

    def update(features, assignments, centers):
        new, k = np.zeros(centers.shape), len(centers)
        empty = []
        for i in range(k):
            own = features[assignments == i]
            if len(own):
                new[i] = own.mean(axis=0)
            else:
                empty.append(i)
        errors = ((features - centers[assignments]) ** 2).sum(axis=1)
        for i in empty:
            farthest = int(errors.argmax())
            new[i], errors[farthest] = features[farthest], -1
        return new

    return update


@alternative(module="kmeans", replaces="update")
def update_by_matrix(original):
    """One product with a matrix of zeros and ones, in float32"""

    def update(features, assignments, centers):
        k = len(centers)
        belongs = (assignments == np.arange(k)[:, None]).astype(np.float32)
        counts = belongs.sum(axis=1, keepdims=True)
        new = belongs @ features.astype(np.float32) / np.maximum(counts, 1)
        empty = np.flatnonzero(counts[:, 0] == 0)
        order = np.lexsort((np.arange(len(features)), -squared_errors(features, assignments, centers)))  # noqa: F821
        new[empty] = features[order[: len(empty)]]
        return new

    return update


# -------------------------------------------------------------------------------------------------- objective


@alternative(module="kmeans", replaces="objective")
def objective_by_center(original):
    """Center by center"""

    def objective(features, assignments, centers):
        return sum(float(((features[assignments == i] - c) ** 2).sum()) for i, c in enumerate(centers))

    return objective


@alternative(module="kmeans", replaces="objective")
def objective_by_norm(original):
    """A library's norm, squared"""

    def objective(features, assignments, centers):
        return np.linalg.norm(features - centers[assignments]) ** 2

    return objective


# ------------------------------------------------------------------------------------------------------ lloyd


@alternative(module="kmeans", replaces="lloyd")
def lloyd_counting_down(original):
    """A while loop, and the first assignment before it"""

    def lloyd(features, centers, num_iters=100):
        nearest, history = assign(features, centers), []  # noqa: F821
        while True:
            assignments = nearest
            centers = update(features, assignments, centers)  # noqa: F821
            history.append(objective(features, assignments, centers))  # noqa: F821
            if len(history) == num_iters:
                break
            nearest = assign(features, centers)  # noqa: F821
            if (nearest == assignments).all():
                break
        return centers, assignments, history

    return lloyd


@alternative(module="kmeans", replaces="lloyd")
def lloyd_from_minus_one(original):
    """Assignments that start as -1, and a tuple in a list"""

    def lloyd(features, centers, num_iters=100):
        assignments, history = np.full(len(features), -1), []
        for _ in range(num_iters):
            nearest = assign(features, centers)  # noqa: F821
            changed = np.count_nonzero(nearest != assignments)
            if not changed:
                break
            assignments = nearest
            centers = update(features, assignments, centers)  # noqa: F821
            history += [np.float64(objective(features, assignments, centers))]  # noqa: F821
        return [centers, assignments, history]

    return lloyd


# -------------------------------------------------------------------------------------------------- plus_plus


@alternative(module="kmeans", replaces="kmeans_plus_plus")
def plus_plus_by_choice(original):
    """numpy draws with the probabilities"""

    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        chosen = [int(rng.integers(len(features)))]
        for _ in range(1, k):
            squares = np.min([((features - features[i]) ** 2).sum(axis=1) for i in chosen], axis=0)
            p = squares / squares.sum() if squares.any() else None
            chosen.append(int(rng.choice(len(features), p=p)))
        return features[chosen]

    return kmeans_plus_plus


@alternative(module="kmeans", replaces="kmeans_plus_plus")
def plus_plus_exponential(original):
    """The smallest of exponential waiting times is drawn with the right probabilities, too"""

    def kmeans_plus_plus(features, k, seed=None):
        rng = np.random.default_rng(seed)
        centers = features[rng.permutation(len(features))[:1]]
        while len(centers) < k:
            squares = ((features[:, None] - centers) ** 2).sum(axis=2).min(axis=1)
            with np.errstate(divide="ignore"):
                waiting = rng.exponential(size=len(features)) / squares
            centers = np.concatenate([centers, features[waiting.argmin()][None]])
        return centers

    return kmeans_plus_plus


# ----------------------------------------------------------------------------------------------------- kmeans


@alternative(module="kmeans", replaces="kmeans")
def kmeans_by_spawned_seeds(original):
    """A seed for each run, drawn before all of them; the best by min"""

    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        seeds = np.random.default_rng(seed).integers(2**32, size=restarts)
        ends = [lloyd(features, kmeans_plus_plus(features, k, int(s)), num_iters) for s in seeds]  # noqa: F821
        return min(ends, key=lambda end: end[2][-1])[1]

    return kmeans


@alternative(module="kmeans", replaces="kmeans")
def kmeans_from_random_centers(original):
    """Ten times as many runs, and every second one from any k examples"""

    def kmeans(features, k, num_iters=100, restarts=5, seed=None):
        rng, best = np.random.default_rng(seed), (np.inf, None)
        for run in range(restarts):
            start = kmeans_plus_plus(features, k, rng)  # noqa: F821
            _, assignments, history = lloyd(features, start, num_iters)  # noqa: F821
            if run == 0 or history[-1] <= best[0]:
                best = history[-1], assignments
        return best[1]

    return kmeans


# --------------------------------------------------------------------------------------------- pixel_features


@alternative(module="features", replaces="intensity")
def intensity_by_channel(original):
    """Channel by channel, in float64"""

    def intensity(image):
        red, green, blue = (image[:, :, c].ravel() / 255.0 for c in range(3))
        return (0.299 * red + 0.587 * green + 0.114 * blue).reshape(-1, 1)

    return intensity


@alternative(module="features", replaces="colour")
def colour_in_float64(original):
    """float64, and the channels stacked"""

    def colour(image):
        return np.stack([image[..., c].ravel() for c in range(3)], axis=1) / 255

    return colour


@alternative(module="features", replaces="colour_position")
def position_by_meshgrid(original):
    """np.meshgrid, and concatenation of images"""

    def colour_position(image, weight=1.0):
        H, W = image.shape[:2]
        x, y = np.meshgrid(np.arange(W), np.arange(H))
        places = np.dstack([y, x]) * weight / max(image.shape[:2])
        return np.concatenate([image / 255.0, places], axis=2).reshape(H * W, 5)

    return colour_position


# ---------------------------------------------------------------------------------------------------- texture


@alternative(module="features", replaces="texture")
def texture_by_convolve(original):
    """Two-dimensional masks and windows, by scipy's convolve: only the sign differs"""

    def texture(image, window=9):
        H, W, _ = image.shape
        grey, box = intensity(image).reshape(H, W).astype(float), np.full((window, window), window**-2.0)  # noqa: F821
        found = [ndimage.convolve(abs(ndimage.convolve(grey, np.outer(v, h).astype(float))), box).ravel()  # noqa: F821
                 for v, h in LAWS]  # noqa: F821  # fmt: skip
        return np.array(found).T

    return texture


@alternative(module="features", replaces="texture")
def texture_by_padding(original):
    """numpy's padding, and sums of shifted slices"""

    def texture(image, window=9):
        H, W, _ = image.shape
        grey = intensity(image).reshape(H, W).astype(float)  # noqa: F821

        def correlate(image, v, h):
            a, b = len(v) // 2, len(h) // 2
            padded = np.pad(image, ((a, a), (b, b)), mode="symmetric")
            rows = sum(v[i] * padded[i : i + image.shape[0]] for i in range(len(v)))
            return sum(h[j] * rows[:, j : j + image.shape[1]] for j in range(len(h)))

        box = np.full(window, 1 / window)
        return np.column_stack([correlate(np.abs(correlate(grey, v, h)), box, box).ravel() for v, h in LAWS])  # noqa: F821

    return texture


# ------------------------------------------------------------------------------------------------------ shift


@alternative(module="mean_shift", replaces="shift")
def shift_by_broadcasting(original):
    """All differences at once"""

    def shift(points, features, bandwidth):
        near = np.sum((points[:, None] - features[None]) ** 2, axis=2) <= bandwidth * bandwidth
        counts = near.sum(1)
        sums = np.einsum("mn,nd->md", near, features)
        return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], points), counts

    return shift


@alternative(module="mean_shift", replaces="shift")
def shift_by_torch(original):
    """torch inside, and exact distances"""

    def shift(points, features, bandwidth):
        import torch

        p, x = (torch.tensor(np.array(a, float)) for a in (points, features))
        near = (((p[:, None] - x) ** 2).sum(dim=2) <= bandwidth**2).double()
        counts = near.sum(dim=1)
        means = near @ x / counts.clamp(min=1)[:, None]
        return torch.where(counts[:, None] > 0, means, p).numpy(), counts.long().numpy()

    return shift


# ------------------------------------------------------------------------------------------------- mean_shift


@alternative(module="mean_shift", replaces="mean_shift")
def mean_shift_point_by_point(original):
    """Each start climbs on its own"""

    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        summits = []
        for start in np.array(features if starts is None else starts, dtype=float):
            point = start[None]
            for _ in range(num_iters):
                moved, _ = shift(point, features, bandwidth)  # noqa: F821
                still = np.linalg.norm(moved - point) < bandwidth / 1000
                point = moved
                if still:
                    break
            summits.append((-int(shift(point, features, bandwidth)[1][0]), len(summits), point[0]))  # noqa: F821
        modes = []
        for _, _, point in sorted(summits, key=lambda summit: summit[:2]):
            if not modes or np.min(np.linalg.norm(np.array(modes) - point, axis=1)) >= bandwidth:
                modes.append(point)
        return np.stack(modes), np.array([np.argmin([np.sum((x - m) ** 2) for m in modes]) for x in features])

    return mean_shift


@alternative(module="mean_shift", replaces="mean_shift")
def mean_shift_all_points(original):
    """All points in every step, until the last of them has arrived"""

    def mean_shift(features, bandwidth, starts=None, num_iters=300):
        points = np.asarray(features if starts is None else starts).astype(float)
        for _ in range(num_iters):
            before = points
            points, counts = shift(before, features, bandwidth)  # noqa: F821
            if np.abs(points - before).max() < 1e-9:
                break
        left = [points[i] for i in sorted(range(len(points)), key=lambda i: (-counts[i], i))]
        modes = []
        while left:
            modes.append(left[0])
            left = [point for point in left if np.linalg.norm(point - modes[-1]) >= bandwidth]
        modes = np.array(modes)
        return modes, ((np.asarray(features)[:, None] - modes) ** 2).sum(axis=2).argmin(axis=1)

    return mean_shift


# --------------------------------------------------------------------------------------------------- affinity


@alternative(module="normalized_cut", replaces="affinity")
def affinity_by_pairs(original):
    """All pairs of pixels, and what is far is left out"""

    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        H, W, _ = image.shape
        F, X = image.reshape(-1, 3) / 255, np.stack(np.divmod(np.arange(H * W), W), axis=1)
        far = ((X[:, None] - X) ** 2).sum(axis=2)
        i, j = np.nonzero(far < radius**2)
        w = np.exp(-((F[i] - F[j]) ** 2).sum(axis=1) / sigma_colour**2 - far[i, j] / sigma_position**2)
        return sparse.coo_matrix((w, (i, j)), shape=(H * W, H * W))  # noqa: F821

    return affinity


@alternative(module="normalized_cut", replaces="affinity")
def affinity_by_tree(original):
    """Neighbours found by scipy's tree of places"""

    def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
        from scipy.spatial import cKDTree

        H, W, _ = image.shape
        F, X = image.reshape(-1, 3) / 255.0, np.indices((H, W)).reshape(2, -1).T
        i, j = cKDTree(X).query_pairs(np.nextafter(radius, 0), output_type="ndarray").T
        diagonal = np.arange(H * W)
        i, j = np.concatenate([i, j, diagonal]), np.concatenate([j, i, diagonal])
        w = np.exp(-((F[i] - F[j]) ** 2).sum(axis=1) / sigma_colour**2)
        w *= np.exp(-((X[i] - X[j]) ** 2).sum(axis=1) / sigma_position**2)
        return sparse.csc_array((w, (i, j)), shape=(H * W, H * W))  # noqa: F821

    return affinity


# -------------------------------------------------------------------------------------------------- cut_value


@alternative(module="normalized_cut", replaces="cut_value")
def cut_by_degrees(original):
    """assoc as a sum of degrees, in float32"""

    def cut_value(W, side):
        side = np.asarray(side, dtype=bool)
        d = np.asarray(W.sum(axis=1), dtype=np.float32).ravel()
        a, b = d[side].sum(), d[~side].sum()
        if a == 0 or b == 0:
            return 2
        cut = (W @ side.astype(np.float32))[~side].sum()
        return float(cut / a + cut / b)

    return cut_value


@alternative(module="normalized_cut", replaces="cut_value")
def cut_by_entries(original):
    """The entries of W one by one"""

    def cut_value(W, side):
        entries = sparse.coo_array(W)  # noqa: F821
        cut = a = b = 0.0
        for i, j, w in zip(*entries.coords, entries.data, strict=True):
            cut += w * bool(side[i] and not side[j])
            a += w * bool(side[i])
            b += w * (not side[i])
        return cut / a + cut / b if a and b else 2.0

    return cut_value


# ------------------------------------------------------------------------------------------------ bipartition


@alternative(module="normalized_cut", replaces="second_eigenvector")
def eigenvector_dense(original):
    """The generalised problem, by scipy's dense solver"""

    def second_eigenvector(W):
        from scipy.linalg import eigh

        W = W.toarray()
        D = np.diag(W.sum(axis=0))
        y = eigh(D - W, D)[1][:, 1]
        return y - (np.diag(D) @ y) / D.sum()  # where the graph falls apart, a constant may be in it

    return second_eigenvector


@alternative(module="normalized_cut", replaces="second_eigenvector")
def eigenvector_of_the_symmetric(original):
    """The symmetric matrix without the trivial part, dense, and its largest eigenvalue"""

    def second_eigenvector(W):
        d = np.asarray(W.sum(axis=1)).ravel()
        S = W.toarray() / np.sqrt(np.outer(d, d)) - np.sqrt(np.outer(d, d)) / d.sum()
        return -np.linalg.eigh(S)[1][:, -1] / np.sqrt(d)

    return second_eigenvector


@alternative(module="normalized_cut", replaces="bipartition")
def bipartition_other_side(original):
    """A loop that keeps the best, and the complement"""

    def bipartition(W, num_thresholds=20):
        y = second_eigenvector(W)  # noqa: F821
        low, high = min(y), max(y)
        best = None
        for step in range(1, num_thresholds + 1):
            side = y <= low + (high - low) * step / (num_thresholds + 1)
            value = cut_value(W, side)  # noqa: F821
            if best is None or value < best[1]:
                best = side, value
        return best

    return bipartition


# -------------------------------------------------------------------------------------------------- agreement


@alternative(module="metrics", replaces="best_segment")
def best_by_loop(original):
    """Segment by segment, with numpy's logic"""

    def best_segment(assignments, mask):
        best = 0, 0.0
        for segment in range(int(np.max(assignments)) + 1):
            own = assignments == segment
            union = np.logical_or(own, mask).sum()
            iou = np.logical_and(own, mask).sum() / union if union else 0.0
            if iou > best[1]:
                best = segment, float(iou)
        return best

    return best_segment


@alternative(module="metrics", replaces="rand_index")
def rand_by_table(original):
    """Hubert and Arabie's form: squares of the table, its rows and its columns"""

    def rand_index(first, second):
        _, i = np.unique(first, return_inverse=True)
        _, j = np.unique(second, return_inverse=True)
        table = np.zeros((i.max() + 1, j.max() + 1))
        np.add.at(table, (i.ravel(), j.ravel()), 1)
        N, squares = table.sum(), (table**2).sum()
        disagree = ((table.sum(axis=0) ** 2).sum() + (table.sum(axis=1) ** 2).sum()) / 2 - squares
        return 1 - disagree / (N * (N - 1) / 2)

    return rand_index


# ----------------------------------------------------------------------------------------------- quantisation


@alternative(module="metrics", replaces="psnr")
def psnr_of_roots(original):
    """20 log10 of a ratio of roots, in integers"""

    def psnr(image, other):
        difference = image.astype(np.int64) - other.astype(np.int64)
        rmse = np.sqrt((difference**2).mean())
        return 20 * np.log10(255 / rmse) if rmse > 0 else np.inf

    return psnr


@alternative(module="metrics", replaces="quantised_bytes")
def bytes_by_logarithm(original):
    """The logarithm, rounded up, and so are the bytes"""

    def quantised_bytes(num_pixels, k):
        bits = int(np.ceil(np.log2(k)))
        return int(np.ceil(num_pixels * bits / 8)) + k * 3

    return quantised_bytes
