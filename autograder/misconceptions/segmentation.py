"""Wrong answers to the segmentation assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.catalogue import misconception

# -------------------------------------------------------------------------------------------------- upsample


@misconception(
    module="upsampling",
    replaces="nearest",
    loses=["upsample"],
    name="the whole image repeated",
    why="np.tile also makes an array larger",
    hint="Where do the four 1s lie in the slide's result?",
)
def nearest_tiles(original):
    def nearest(x, scale):
        return np.tile(x, (1, 1, scale, scale))

    return nearest


@misconception(
    module="upsampling",
    replaces="nearest",
    loses=["upsample"],
    name="channels and rows repeated",
    why="the axes are counted from 1, or the image is taken for (N, H, W, C)",
    hint="Print the shape of the result: which axes have grown?",
)
def nearest_wrong_axes(original):
    def nearest(x, scale):
        return x.repeat(scale, axis=1).repeat(scale, axis=2)

    return nearest


@misconception(
    module="upsampling",
    replaces="bed_of_nails",
    loses=["upsample"],
    name="nails in the lower right corner",
    why="slices that start at scale - 1 look as good",
    hint="On the slide, which of the four pixels holds the number?",
)
def nails_lower_right(original):
    def bed_of_nails(x, scale):
        out = np.zeros_like(original(x, scale))
        out[:, :, scale - 1 :: scale, scale - 1 :: scale] = x
        return out

    return bed_of_nails


@misconception(
    module="upsampling",
    replaces="bed_of_nails",
    loses=["upsample"],
    name="zeros in float64",
    why="np.zeros makes float64 unless it is told otherwise",
    hint="Print the dtype of the result for an image in float32.",
)
def nails_in_float64(original):
    def bed_of_nails(x, scale):
        return original(x.astype(np.float64), scale)

    return bed_of_nails


# ---------------------------------------------------------------------------------------------------- unpool


@misconception(
    module="upsampling",
    replaces="max_pool_with_switches",
    loses=["unpool"],
    name="switches count inside the window",
    why="argmax of a window says where in the window it is",
    hint="The 5 of the example lies in the second row: which number has its pixel in the whole image?",
)
def switches_in_the_window(original):
    def max_pool_with_switches(x, size):
        out, switches = original(x, size)
        W = x.shape[3]
        return out, switches // W % size * size + switches % W % size

    return max_pool_with_switches


@misconception(
    module="upsampling",
    replaces="max_pool_with_switches",
    loses=["unpool"],
    name="row times the height",
    why="row · H + column looks right, and is for square images",
    hint="How many pixels come before the first one of row 1?",
)
def switches_by_height(original):
    def max_pool_with_switches(x, size):
        out, switches = original(x, size)
        H, W = x.shape[2:]
        return out, switches // W * H + switches % W

    return max_pool_with_switches


@misconception(
    module="upsampling",
    replaces="max_unpool",
    loses=["unpool"],
    name="every value to the upper left corner of its window",
    why="a bed of nails is what comes before it in the lecture",
    hint="What are the switches for?",
)
def unpool_by_nails(original):
    def max_unpool(x, switches, shape):
        H, W = shape[-2:]
        out = np.zeros((*x.shape[:2], H, W), dtype=x.dtype)
        step = H // x.shape[2], W // x.shape[3]
        rows, columns = step[0] * np.arange(x.shape[2]), step[1] * np.arange(x.shape[3])
        out[:, :, rows[:, None], columns] = x
        return out

    return max_unpool


@misconception(
    module="upsampling",
    replaces="max_unpool",
    loses=["unpool"],
    name="the switches of the first channel for all",
    why="one index array is enough for an example of one channel",
    hint="Two channels have their maxima in different places. What does yours do with the second?",
)
def unpool_first_channel(original):
    def max_unpool(x, switches, shape):
        return original(x, np.broadcast_to(switches[:1, :1], x.shape), shape)

    return max_unpool


# -------------------------------------------------------------------------------------------------- bilinear


@misconception(
    module="upsampling",
    replaces="bilinear",
    loses=["bilinear"],
    name="corners aligned by the pixels' centres",
    why="np.linspace(0, H - 1, scale H) is the first idea: torch's align_corners=True",
    hint="(0, 4) becomes 0, 1, 3, 4.  Are the steps of yours all alike?",
)
def bilinear_aligned(original):
    def bilinear(x, scale):
        for axis in (2, 3):
            n = x.shape[axis]
            s = np.linspace(0, n - 1, scale * n)
            before = s.astype(int)
            after = np.minimum(before + 1, n - 1)
            t = (s - before).astype(x.dtype).reshape((-1, 1) if axis == 2 else -1)
            x = (1 - t) * x.take(before, axis) + t * x.take(after, axis)
        return x

    return bilinear


@misconception(
    module="upsampling",
    replaces="bilinear",
    loses=["bilinear"],
    name="half a pixel forgotten",
    why="i / scale maps pixel 0 to pixel 0, and is shorter",
    hint="Pixels are squares.  Where is the centre of the first new one, in old pixels?",
)
def bilinear_without_half(original):
    def bilinear(x, scale):
        for axis in (2, 3):
            n = x.shape[axis]
            s = np.clip(np.arange(scale * n) / scale, 0, n - 1)
            before = s.astype(int)
            after = np.minimum(before + 1, n - 1)
            t = (s - before).astype(x.dtype).reshape((-1, 1) if axis == 2 else -1)
            x = (1 - t) * x.take(before, axis) + t * x.take(after, axis)
        return x

    return bilinear


@misconception(
    module="upsampling",
    replaces="bilinear",
    loses=["bilinear"],
    name="weights swapped",
    why="t is the distance from the pixel before, so it feels like that pixel's weight",
    hint="A new pixel close to an old one: which of the two should weigh more?",
)
def bilinear_swapped(original):
    def bilinear(x, scale):
        for axis in (2, 3):
            n = x.shape[axis]
            s = np.clip((np.arange(scale * n) + 0.5) / scale - 0.5, 0, n - 1)
            before = s.astype(int)
            after = np.minimum(before + 1, n - 1)
            t = (s - before).astype(x.dtype).reshape((-1, 1) if axis == 2 else -1)
            x = t * x.take(before, axis) + (1 - t) * x.take(after, axis)
        return x

    return bilinear


@misconception(
    module="upsampling",
    replaces="bilinear",
    loses=["bilinear"],
    name="extrapolated at the border",
    why="int() rounds -1/4 to 0, and t stays negative",
    hint="Which value should the first new pixel have, that has nothing before it?",
)
def bilinear_extrapolates(original):
    def bilinear(x, scale):
        for axis in (2, 3):
            n = x.shape[axis]
            s = (np.arange(scale * n) + 0.5) / scale - 0.5
            before = np.clip(s.astype(int), 0, max(n - 2, 0))
            after = np.minimum(before + 1, n - 1)
            t = (s - before).astype(x.dtype).reshape((-1, 1) if axis == 2 else -1)
            x = (1 - t) * x.take(before, axis) + t * x.take(after, axis)
        return x

    return bilinear


# ---------------------------------------------------------------------------------------------------- matrix


@misconception(
    module="upsampling",
    replaces="convolution_matrix",
    loses=["matrix"],
    name="kernel turned around",
    why="a convolution proper turns the kernel; that of networks does not",
    hint="The slide's first row is x y z, in this order.",
)
def matrix_flipped(original):
    def convolution_matrix(w, n, stride, pad):
        return original(w[::-1], n, stride, pad)

    return convolution_matrix


@misconception(
    module="upsampling",
    replaces="convolution_matrix",
    loses=["matrix"],
    name="stride forgotten",
    why="every row of the textbook's matrix is one further to the right",
    hint="How far is the second row of the slide's matrix from the first?",
)
def matrix_without_stride(original):
    def convolution_matrix(w, n, stride, pad):
        X = np.zeros(((n + 2 * pad - len(w)) // stride + 1, n + 2 * pad), dtype=w.dtype)
        for i, row in enumerate(X):
            row[i : i + len(w)] = w
        return X

    return convolution_matrix


@misconception(
    module="upsampling",
    replaces="transposed_convolution_1d",
    loses=["matrix"],
    name="a convolution again, not its transpose",
    why="an upsampling layer is thought of as a convolution of the same stride",
    hint="Two numbers go in.  How many does the slide print?",
)
def transposed_not_transposed(original):
    def transposed_convolution_1d(x, w, stride):
        return convolution_matrix(w, len(x), stride, len(w) - 1) @ np.pad(x, len(w) - 1)  # noqa: F821

    return transposed_convolution_1d


@misconception(
    module="upsampling",
    replaces="transposed_convolution_1d",
    loses=["matrix"],
    name="copies overwrite each other",
    why="`out[place] = x[i] * w` where it should have been added",
    hint="Two copies meet in one pixel on the slide: what stands there?",
)
def transposed_overwrites(original):
    def transposed_convolution_1d(x, w, stride):
        out = np.zeros(stride * (len(x) - 1) + len(w), dtype=x.dtype)
        for i in range(len(x)):
            out[i * stride : i * stride + len(w)] = x[i] * w
        return out

    return transposed_convolution_1d


# ----------------------------------------------------------------------------------- conv_transpose_forward


@misconception(
    module="upsampling",
    replaces="conv_transpose_forward",
    loses=["conv_transpose_forward"],
    name="filters turned by 180 degrees",
    why="it undoes a convolution, so something has to be turned, one thinks",
    hint="One pixel of 1 paints the filter.  Is yours upside down?",
)
def transpose_flips(original):
    def conv_transpose_forward(x, w, b, conv_param):
        out, _ = original(x, w[:, :, ::-1, ::-1], b, conv_param)
        return out, (x, w, conv_param)

    return conv_transpose_forward


@misconception(
    module="upsampling",
    replaces="conv_transpose_forward",
    loses=["conv_transpose_forward"],
    name="copies overwrite each other",
    why="`full[…] = …` where it should have been added",
    hint="Where do two copies of a 3×3 filter with stride 2 meet?",
)
def transpose_overwrites(original):
    def conv_transpose_forward(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, C_in, H, W = x.shape
        _, C_out, HH, WW = w.shape
        H_full, W_full = stride * (H - 1) + HH, stride * (W - 1) + WW
        painted = (w.reshape(C_in, -1).T @ x.reshape(N, C_in, H * W)).reshape(N, C_out, HH, WW, H, W)
        full = np.zeros((N, C_out, H_full, W_full), dtype=painted.dtype)
        for i, j, met in taps(H, W, HH, WW, stride):  # noqa: F821
            full[met] = painted[:, :, i, j]
        return full[:, :, pad : H_full - pad, pad : W_full - pad] + b[:, None, None], (x, w, conv_param)

    return conv_transpose_forward


@misconception(
    module="upsampling",
    replaces="conv_transpose_forward",
    loses=["conv_transpose_forward"],
    name="pad adds a border of zeros",
    why="pad adds zeros to the input of a convolution; here it cuts off the output",
    hint="With pad 1 and a 3×3 filter, how large is what one pixel becomes?",
)
def transpose_pads(original):
    def conv_transpose_forward(x, w, b, conv_param):
        pad = conv_param["pad"]
        out, _ = original(x, w, b, {**conv_param, "pad": 0})
        return np.pad(out, ((0, 0), (0, 0), (pad, pad), (pad, pad))), (x, w, conv_param)

    return conv_transpose_forward


@misconception(
    module="upsampling",
    replaces="conv_transpose_forward",
    loses=["conv_transpose_forward"],
    name="bias added with every copy",
    why="in the loop each pixel does what a whole convolution does, bias and all",
    hint="On a black image, is every pixel of the result the bias, once?",
)
def transpose_bias_in_the_loop(original):
    def conv_transpose_forward(x, w, b, conv_param):
        out, cache = original(x, w, 0 * b, conv_param)
        ones = np.ones((1, 1, *x.shape[2:]), dtype=x.dtype)
        copies, _ = original(ones, np.ones((1, 1, *w.shape[2:]), dtype=w.dtype), 0 * b[:1], conv_param)
        return out + copies * b[:, None, None], cache

    return conv_transpose_forward


@misconception(
    module="upsampling",
    replaces="conv_transpose_forward",
    loses=["conv_transpose_forward"],
    name="a loop over all pixels",
    why="the picture on the slide is one: each pixel paints its copy",
    hint="Count how often your innermost line runs for one image of 100×100.",
)
def transpose_loops(original):
    def conv_transpose_forward(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, _, H, W = x.shape
        _, C_out, HH, WW = w.shape
        H_full, W_full = stride * (H - 1) + HH, stride * (W - 1) + WW
        full = np.zeros((N, C_out, H_full, W_full), dtype=x.dtype)
        for i in range(H):
            for j in range(W):
                copy = np.tensordot(x[:, :, i, j], w, 1)
                full[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW] += copy
        return full[:, :, pad : H_full - pad, pad : W_full - pad] + b[:, None, None], (x, w, conv_param)

    return conv_transpose_forward


# ---------------------------------------------------------------------------------- conv_transpose_backward


@misconception(
    module="upsampling",
    replaces="conv_transpose_backward",
    loses=["conv_transpose_backward"],
    name="border of dout forgotten",
    why="the border was cut off in the forward pass, and does not show in dout",
    hint="What is the gradient of a pixel that was painted, and then cut off?",
)
def transpose_backward_without_pad(original):
    def conv_transpose_backward(dout, cache):
        x, w, conv_param = cache
        pad = conv_param["pad"]
        wide = np.zeros((*dout.shape[:2], dout.shape[2] + 2 * pad, dout.shape[3] + 2 * pad), dout.dtype)
        wide[:, :, : dout.shape[2], : dout.shape[3]] = dout
        return original(wide, (x, w, {**conv_param, "pad": 0}))

    return conv_transpose_backward


@misconception(
    module="upsampling",
    replaces="conv_transpose_backward",
    loses=["conv_transpose_backward"],
    name="mean over the batch",
    why="the loss was a mean, so one divides by N again",
    hint="The factor 1/N is in dout already, if the loss is a mean.",
)
def transpose_backward_mean(original):
    def conv_transpose_backward(dout, cache):
        dx, dw, db = original(dout, cache)
        return dx, dw / len(dout), db / len(dout)

    return conv_transpose_backward


@misconception(
    module="upsampling",
    replaces="conv_transpose_backward",
    loses=["conv_transpose_backward"],
    name="dx with the filters turned around",
    why="the backward pass of a convolution turns them, and one remembers that",
    hint="x[i, j] times w[hh, ww] went into one output.  Which weight brings its gradient back?",
)
def transpose_backward_flips(original):
    def conv_transpose_backward(dout, cache):
        x, w, conv_param = cache
        _, dw, db = original(dout, cache)
        return original(dout, (x, w[:, :, ::-1, ::-1], conv_param))[0], dw, db

    return conv_transpose_backward


@misconception(
    module="upsampling",
    replaces="conv_transpose_backward",
    loses=["conv_transpose_backward"],
    name="db is the number of pixels",
    why="the derivative of out with respect to b is 1, and dout is forgotten",
    hint="The chain rule: what is 1 multiplied by?",
)
def transpose_backward_db(original):
    def conv_transpose_backward(dout, cache):
        dx, dw, _ = original(dout, cache)
        return dx, dw, np.ones_like(dout).sum(axis=(0, 2, 3))

    return conv_transpose_backward


# ------------------------------------------------------------------------------------------------- confusion


@misconception(
    module="metrics",
    replaces="confusion_matrix",
    loses=["confusion"],
    name="rows and columns swapped",
    why="num_classes · prediction + label counts pairs just as well",
    hint="A pixel of class 2 was taken for class 0: in which row is it counted?",
)
def confusion_transposed(original):
    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        return original(labels, predictions, num_classes, ignore_label).T.copy()

    return confusion_matrix


@misconception(
    module="metrics",
    replaces="confusion_matrix",
    loses=["confusion"],
    name="uint8 wraps at 256",
    why="label maps are uint8, and so is num_classes · label",
    hint="In uint8, what is 20 · np.uint8(19)?",
)
def confusion_wraps(original):
    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        original(labels, predictions, num_classes, ignore_label)
        counts = labels != ignore_label
        labels, predictions = labels[counts], predictions[counts]
        C = num_classes
        pairs = labels * labels.dtype.type(C) + predictions
        return np.bincount(pairs, minlength=C * C)[: C * C].reshape(C, C)

    return confusion_matrix


@misconception(
    module="metrics",
    replaces="confusion_matrix",
    loses=["confusion"],
    name="pixels left out where 255 was predicted",
    why="the same mask is applied to both maps",
    hint="Who says which pixels do not count?",
)
def confusion_ignores_by_prediction(original):
    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        counts = predictions != ignore_label
        return original(labels[counts], predictions[counts], num_classes, ignore_label)

    return confusion_matrix


@misconception(
    module="metrics",
    replaces="confusion_matrix",
    loses=["confusion"],
    name="only the classes that occur",
    why="without minlength bincount stops at the largest pair",
    hint="Five classes: how large must the matrix be, whichever of them occur?",
)
def confusion_of_the_present(original):
    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        cm = original(labels, predictions, num_classes, ignore_label)
        C = 1 + max(np.flatnonzero(cm.any(axis=0) | cm.any(axis=1)), default=0)
        return cm[:C, :C]

    return confusion_matrix


@misconception(
    module="metrics",
    replaces="confusion_matrix",
    loses=["confusion"],
    name="a loop over all pixels",
    why="cm[label, prediction] += 1 is what the matrix means",
    hint="A test set has some twenty million pixels.",
)
def confusion_loops(original):
    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        cm = 0 * original(labels, predictions, num_classes, ignore_label)
        for label, prediction in zip(labels.ravel(), predictions.ravel(), strict=True):
            if label != ignore_label:
                cm[label, prediction] += 1
        return cm

    return confusion_matrix


# ------------------------------------------------------------------------------------------------------- iou


@misconception(
    module="metrics",
    replaces="class_iou",
    loses=["iou"],
    name="intersection counted twice in the union",
    why="row plus column, and the diagonal is in both",
    hint="If everything is right the IoU is 1.  What does yours say?",
)
def iou_of_the_sum(original):
    def class_iou(cm):
        union = cm.sum(axis=1) + cm.sum(axis=0)
        return np.divide(np.diag(cm), union, out=np.full(len(cm), np.nan), where=union > 0)

    return class_iou


@misconception(
    module="metrics",
    replaces="class_iou",
    loses=["iou"],
    name="recall instead of IoU",
    why="dividing by the row is the class accuracy, which looks much like it",
    hint="Predict one class everywhere: what is its IoU, and what do you compute?",
)
def iou_is_recall(original):
    def class_iou(cm):
        row = cm.sum(axis=1)
        return np.divide(np.diag(cm), row, out=np.full(len(cm), np.nan), where=row > 0)

    return class_iou


@misconception(
    module="metrics",
    replaces="mean_iou",
    loses=["iou"],
    name="absent classes count as 0",
    why="nan is in the way, and np.nan_to_num makes it go away",
    hint="A class that is in no image: should it make your net look worse?",
)
def mean_iou_with_zeros(original):
    def mean_iou(cm):
        return float(np.nan_to_num(class_iou(cm)).mean()) if cm.any() else float("nan")  # noqa: F821

    return mean_iou


@misconception(
    module="metrics",
    replaces="mean_iou",
    loses=["iou"],
    name="only classes that occur in the labels",
    why="classes without a pixel have nothing to be found, so they are left out",
    hint="A net that sees cats where there are none: does its mIoU fall?",
)
def mean_iou_of_labels(original):
    def mean_iou(cm):
        occurs = cm.any(axis=1)
        return float(class_iou(cm)[occurs].mean()) if occurs.any() else float("nan")  # noqa: F821

    return mean_iou


@misconception(
    module="metrics",
    replaces="mean_iou",
    loses=["iou"],
    name="classes weighted by their pixels",
    why="the mean over everything is closer to the accuracy that one knows",
    hint="A class of ten pixels and one of a million: how much does each count in the mIoU?",
)
def mean_iou_weighted(original):
    def mean_iou(cm):
        share = cm.sum(axis=1)
        return float((np.nan_to_num(class_iou(cm)) * share).sum() / share.sum()) if cm.any() else float("nan")  # noqa: F821

    return mean_iou


# -------------------------------------------------------------------------------------------------- boundary


@misconception(
    module="metrics",
    replaces="near",
    loses=["boundary"],
    name="a square instead of a disc",
    why="two loops from -r to r make a square",
    hint="How far away is the pixel at (2, 2), as the crow flies?",
)
def near_in_a_square(original):
    def near(mask, tolerance):
        r = int(tolerance)
        padded, out = np.pad(mask, r), np.zeros_like(mask)
        for y in range(2 * r + 1):
            for x in range(2 * r + 1):
                out |= padded[y : y + mask.shape[0], x : x + mask.shape[1]]
        return out

    return near


@misconception(
    module="metrics",
    replaces="near",
    loses=["boundary"],
    name="what leaves on one side comes back on the other",
    why="np.roll moves an array in one line, around the border",
    hint="A pixel in the left column: is one in the right column near to it?",
)
def near_wraps(original):
    def near(mask, tolerance):
        r, out = int(tolerance), np.zeros_like(mask)
        for y in range(-r, r + 1):
            for x in range(-r, r + 1):
                if x * x + y * y <= tolerance * tolerance:
                    out |= np.roll(mask, (y, x), (0, 1))
        return out

    return near


@misconception(
    module="metrics",
    replaces="near",
    loses=["boundary"],
    name="steps along rows and columns counted",
    why="|x| + |y| is the distance on a grid",
    hint="(1, 1) is 1.41 away, as the crow flies.  How far is it in yours?",
)
def near_in_a_diamond(original):
    def near(mask, tolerance):
        r = int(tolerance)
        padded, out = np.pad(mask, r), np.zeros_like(mask)
        for y in range(-r, r + 1):
            for x in range(-r, r + 1):
                if abs(x) + abs(y) <= tolerance:
                    out |= padded[r + y : r + y + mask.shape[0], r + x : r + x + mask.shape[1]]
        return out

    return near


@misconception(
    module="metrics",
    replaces="boundary_f1",
    loses=["boundary"],
    name="precision alone",
    why="who finds everything near a boundary seems to have found the boundaries",
    hint="A prediction with one short, right boundary and nothing else: is it a good one?",
)
def boundary_precision(original):
    def boundary_f1(label, prediction, tolerance=2):
        there, found = boundaries(label), boundaries(prediction)  # noqa: F821
        if not there.any() or not found.any():
            return float(there.any() == found.any())
        return float((found & near(there, tolerance)).sum() / found.sum())  # noqa: F821

    return boundary_f1


@misconception(
    module="metrics",
    replaces="boundary_f1",
    loses=["boundary"],
    name="the plain mean of precision and recall",
    why="(P + R) / 2 is the mean that one knows",
    hint="Precision 1 and recall 0: what is F1?",
)
def boundary_plain_mean(original):
    def boundary_f1(label, prediction, tolerance=2):
        there, found = boundaries(label), boundaries(prediction)  # noqa: F821
        if not there.any() or not found.any():
            return float(there.any() == found.any())
        precision = (found & near(there, tolerance)).sum() / found.sum()  # noqa: F821
        recall = (there & near(found, tolerance)).sum() / there.sum()  # noqa: F821
        return float((precision + recall) / 2)

    return boundary_f1


# --------------------------------------------------------------------------------------------- cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="divided by all pixels",
    why="`.mean()` after the pixels that do not count were set to 0",
    hint="Half of the pixels do not count.  Should the loss be half as large?",
)
def entropy_over_all(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        counts = labels != ignore_label
        scale = counts.double().mean().to(logits.dtype)
        return scale * original(logits, labels, weight, ignore_label)

    return cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="softmax over the rows of the image",
    why="dim=-1 is the classes' axis of a classifier",
    hint="Which axis of the logits counts the classes?",
)
def entropy_over_the_width(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        shift = torch.logsumexp(logits, dim=-1, keepdim=True)
        counts = labels != ignore_label
        if not counts.any():
            return 0 * logits.sum()
        y = labels[counts]
        nll = -(logits - shift).movedim(1, -1)[counts].gather(1, y[:, None])[:, 0]
        w = torch.ones(logits.shape[1]) if weight is None else weight
        return (w[y] * nll).sum() / w[y].sum()

    return cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="weights in the sum, but not in the denominator",
    why="the weighted losses are averaged with `.mean()`",
    hint="Double all weights.  Should the loss change?",
)
def entropy_weights_not_normalised(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        loss = original(logits, labels, weight, ignore_label)
        if weight is None or not (labels != ignore_label).any():
            return loss
        return loss * weight[labels[labels != ignore_label]].mean()

    return cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="softmax twice",
    why="F.cross_entropy is given probabilities, as the formula has them",
    hint="What does F.cross_entropy do with what it is given, first of all?",
)
def entropy_softmax_twice(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        return original(F.softmax(logits, dim=1), labels, weight, ignore_label)

    return cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="log of a probability that became 0",
    why="torch.log(F.softmax(…)) is the formula, letter by letter",
    hint="What is the softmax of (0, 10000) in float32, and its logarithm?",
)
def entropy_log_of_zero(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        return original(torch.log(F.softmax(logits, dim=1)), labels, weight, ignore_label)

    return cross_entropy


@misconception(
    module="segmentation_losses",
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="nan where no pixel counts",
    why="F.cross_entropy divides 0 by 0 there",
    hint="A crop of nothing but unknown pixels: what does your loss say, and what becomes of the weights?",
)
def entropy_nan(original):
    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        return F.cross_entropy(logits, labels, weight, ignore_index=ignore_label)

    return cross_entropy


# -------------------------------------------------------------------------------------------------- soft_iou


@misconception(
    module="segmentation_losses",
    replaces="soft_iou_loss",
    loses=["soft_iou"],
    name="intersection counted twice in the union",
    why="X + Y is the union of sets that do not meet",
    hint="X = Y = 1 at one pixel: what is U there?",
)
def soft_union_is_the_sum(original):
    def soft_iou_loss(logits, labels, ignore_label=255):
        intersection, X, Y = overlap(logits, labels, ignore_label)  # noqa: F821
        return 1 - (intersection / (X + Y)).mean() if len(Y) else 0 * logits.sum()

    return soft_iou_loss


@misconception(
    module="segmentation_losses",
    replaces="overlap",
    loses=["soft_iou"],
    name="absent classes in the mean",
    why="a sum over all C classes is shorter",
    hint="Everything is right and one class does not occur.  Is the loss 0?",
)
def soft_with_absent_classes(original):
    def overlap(logits, labels, ignore_label=255):
        counts = labels != ignore_label
        X = F.softmax(logits, dim=1).movedim(1, -1)[counts]
        Y = F.one_hot(labels[counts], logits.shape[1]).to(X.dtype)
        return tuple(s.sum(dim=0) + 1e-30 for s in (X * Y, X, Y))

    return overlap


@misconception(
    module="segmentation_losses",
    replaces="overlap",
    loses=["soft_iou"],
    name="logits in place of probabilities",
    why="the net's output is called its prediction, and X is the prediction",
    hint="In which range must X lie, if it stands for a mask?",
)
def soft_of_logits(original):
    def overlap(logits, labels, ignore_label=255):
        counts = labels != ignore_label
        X = torch.sigmoid(logits).movedim(1, -1)[counts]
        Y = F.one_hot(labels[counts], logits.shape[1]).to(X.dtype)
        occurs = Y.any(dim=0)
        return tuple(s.sum(dim=0)[occurs] for s in (X * Y, X, Y))

    return overlap


@misconception(
    module="segmentation_losses",
    replaces="soft_iou_loss",
    loses=["soft_iou"],
    name="one IoU of all classes together",
    why="the slide's sums run over V, and the classes are summed up with the pixels",
    hint="A class of ten pixels among a million: how much does it count in yours?",
)
def soft_over_everything(original):
    def soft_iou_loss(logits, labels, ignore_label=255):
        intersection, X, Y = (s.sum() for s in overlap(logits, labels, ignore_label))  # noqa: F821
        return 1 - intersection / (X + Y - intersection) if Y > 0 else 0 * logits.sum()

    return soft_iou_loss


@misconception(
    module="segmentation_losses",
    replaces="dice_loss",
    loses=["soft_iou"],
    name="Dice without the 2",
    why="intersection over something, like the IoU",
    hint="Everything is right.  What is the Dice coefficient, and what do you get?",
)
def dice_without_two(original):
    def dice_loss(logits, labels, ignore_label=255):
        intersection, X, Y = overlap(logits, labels, ignore_label)  # noqa: F821
        return 1 - (intersection / (X + Y)).mean() if len(Y) else 0 * logits.sum()

    return dice_loss


@misconception(
    module="segmentation_losses",
    replaces="soft_iou_loss",
    loses=["soft_iou"],
    name="argmax makes the mask hard",
    why="the metric counts pixels, so the loss does",
    hint="What is the gradient of argmax?",
)
def soft_iou_hard(original):
    def soft_iou_loss(logits, labels, ignore_label=255):
        hard = 100 * F.one_hot(logits.argmax(dim=1), logits.shape[1]).movedim(-1, 1).to(logits.dtype)
        return original(hard + 0 * logits, labels, ignore_label)

    return soft_iou_loss


# ----------------------------------------------------------------------------------------------- autoencoder


@misconception(
    module="networks",
    replaces="ConvAutoencoder.forward",
    loses=["autoencoder"],
    name="a link around the bottleneck",
    why="outputs get sharper when the image is added, as in a UNet",
    hint="What can the code be used for, if the decoder sees the image?",
)
def autoencoder_cheats(original):
    def forward(self, x):
        return self.decode(self.encode(x)) + x

    return forward


@misconception(
    module="networks",
    replaces="ConvAutoencoder.encode",
    loses=["autoencoder"],
    name="relu on the code",
    why="every convolution so far was followed by one",
    hint="Can your code be negative?  Half of its range is lost.",
)
def relu_on_the_code(original):
    def encode(self, x):
        return F.relu(self.encoder(x))

    return encode


@misconception(
    module="networks",
    replaces="ConvAutoencoder.decode",
    loses=["autoencoder"],
    name="relu on the image",
    why="pixels are positive, so a relu does no harm, one thinks",
    hint="Where a pixel's value is below 0, which gradient does a relu let through?",
)
def relu_on_the_image(original):
    def decode(self, z):
        return F.relu(self.decoder(z))

    return decode


@misconception(
    module="networks",
    replaces="ConvAutoencoder.__init__",
    loses=["autoencoder"],
    name="the same width at every step",
    why="`width` is read as the width of every layer",
    hint="Step i has width · 2^i channels.  How many has the second one?",
)
def autoencoder_constant_width(original):
    def __init__(self, in_channels=3, width=16, latent=4, depth=3):
        nn.Module.__init__(self)
        down = [nn.Conv2d(in_channels, width, 3, stride=2, padding=1), nn.ReLU()]
        for _ in range(depth - 1):
            down += [nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU()]
        self.encoder = nn.Sequential(*down, nn.Conv2d(width, latent, 1))
        up = [nn.Conv2d(latent, width, 1)]
        for C in [width] * (depth - 1) + [in_channels]:
            up += [nn.ReLU(), nn.ConvTranspose2d(width, C, 2, stride=2)]
        self.decoder = nn.Sequential(*up)

    return __init__


# ------------------------------------------------------------------------------------------------------- fcn


@misconception(
    module="networks",
    replaces="FCN.forward",
    loses=["fcn"],
    name="every map upsampled straight to the image",
    why="the sum is the same, as long as nobody looks at the interpolation",
    hint="FCN-8s: to which size are the coarsest scores brought first?",
)
def fcn_upsamples_at_once(original):
    def forward(self, x):
        maps = self.backbone(x)[-len(self.scores) :]
        return sum(upsample_to(score(m), x) for score, m in zip(self.scores, maps, strict=True))  # noqa: F821

    return forward


@misconception(
    module="networks",
    replaces="FCN.forward",
    loses=["fcn"],
    name="only the coarsest scores",
    why="`out = score(m)` in a loop overwrites what the step before left",
    hint="FCN-8s and FCN-32s of the same weights: do yours differ?",
)
def fcn_forgets_links(original):
    def forward(self, x):
        return upsample_to(self.scores[-1](self.backbone(x)[-1]), x)  # noqa: F821

    return forward


@misconception(
    module="networks",
    replaces="FCN.forward",
    loses=["fcn"],
    name="mean of the scores instead of their sum",
    why="averaging two predictions feels safer than adding them",
    hint="Set every score to 1.  FCN-16s should say 2.",
)
def fcn_averages(original):
    def forward(self, x):
        maps = self.backbone(x)[-len(self.scores) :]
        scores = [score(m) for score, m in zip(self.scores, maps, strict=True)]
        out = scores.pop()
        while scores:
            finer = scores.pop()
            out = (upsample_to(out, finer) + finer) / 2  # noqa: F821
        return upsample_to(out, x)  # noqa: F821

    return forward


@misconception(
    module="networks",
    replaces="FCN.forward",
    loses=["fcn"],
    name="softmax at the end",
    why="a prediction should be a probability",
    hint="What does the cross-entropy do with what the net returns?",
)
def fcn_softmax(original):
    def forward(self, x):
        return F.softmax(original(self, x), dim=1)

    return forward


# ------------------------------------------------------------------------------------------------------ unet


@misconception(
    module="networks",
    replaces="UNet.forward",
    loses=["unet"],
    name="links from after the pooling",
    why="the map is kept one line too late, and upsampled so that it fits",
    hint="Which resolution has the map that is kept, and what is it good for?",
)
def unet_keeps_pooled(original):
    def forward(self, x):
        kept = []
        for block in self.down:
            x = F.max_pool2d(block(x), 2)
            kept.append(x)
        x = self.bottom(x)
        for up, block in zip(self.up, self.merge, strict=True):
            x, link = up(x), kept.pop()
            link = F.interpolate(link, scale_factor=2)
            x = block(torch.cat([link, x], dim=1) if self.skips else x)
        return self.logits(x)

    return forward


@misconception(
    module="networks",
    replaces="UNet.forward",
    loses=["unet"],
    name="links behind what comes from below",
    why="the map at hand comes first in torch.cat",
    hint="Which of the two comes first, by the docstring?",
)
def unet_cat_order(original):
    def forward(self, x):
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, block in zip(self.up, self.merge, strict=True):
            x, link = up(x), kept.pop()
            x = block(torch.cat([x, link], dim=1) if self.skips else x)
        return self.logits(x)

    return forward


@misconception(
    module="networks",
    replaces="UNet.__init__",
    loses=["unet"],
    name="links always made, whatever skips says",
    why="the argument is stored, and then forgotten",
    hint="Count the parameters of both nets.",
)
def unet_ignores_skips(original):
    def __init__(self, in_channels, num_classes, width=8, depth=3, skips=True):
        original(self, in_channels, num_classes, width, depth, True)

    return __init__


@misconception(
    module="networks",
    replaces="UNet.forward",
    loses=["unet"],
    name="softmax at the end",
    why="a prediction should be a probability",
    hint="What does the cross-entropy do with what the net returns?",
)
def unet_softmax(original):
    def forward(self, x):
        return F.softmax(original(self, x), dim=1)

    return forward


# --------------------------------------------------------------------------------------------------- deeplab


@misconception(
    module="networks",
    replaces="ASPP.forward",
    loses=["deeplab"],
    name="branches added instead of concatenated",
    why="a residual block adds",
    hint="How many channels go into the last 1×1 convolution?",
)
def aspp_adds(original):
    def forward(self, x):
        pooled = self.pooled(x.mean(dim=(2, 3), keepdim=True))
        total = sum(branch(x) for branch in self.branches) + pooled
        return self.project(total.repeat(1, len(self.branches) + 1, 1, 1))

    return forward


@misconception(
    module="networks",
    replaces="ASPP.forward",
    loses=["deeplab"],
    name="no mean over the whole map",
    why="the pooled branch has another size, and zeros fit in its place",
    hint="Change one pixel in a corner: does the opposite corner notice?",
)
def aspp_without_pooling(original):
    def forward(self, x):
        seen = [branch(x) for branch in self.branches]
        return self.project(torch.cat([*seen, torch.zeros_like(seen[0])], dim=1))

    return forward


@misconception(
    module="networks",
    replaces="ASPP.__init__",
    loses=["deeplab"],
    name="rates without effect",
    why="padding is raised until the shapes fit, and dilation is left at 1",
    hint="How many pixels apart are the taps of a 3×3 filter with dilation 4?",
)
def aspp_without_dilation(original):
    def __init__(self, in_channels, channels=32, rates=(2, 4, 6)):
        original(self, in_channels, channels, [1] * len(rates))

    return __init__


@misconception(
    module="networks",
    replaces="DeepLabHead.forward",
    loses=["deeplab"],
    name="relu on the logits",
    why="every layer so far ended with one",
    hint="Can a logit be negative?  Must it be able to?",
)
def deeplab_relu(original):
    def forward(self, maps):
        return F.relu(original(self, maps))

    return forward


# --------------------------------------------------------------------------------------------------- upernet


@misconception(
    module="networks",
    replaces="PyramidPooling.forward",
    loses=["upernet"],
    name="the map itself left out",
    why="the pyramid is thought of as its means alone",
    hint="How many channels go into the last convolution?",
)
def pyramid_without_map(original):
    def forward(self, x):
        parts = [torch.zeros_like(x)]
        for size, convolution in zip(self.bins, self.convolutions, strict=True):
            parts.append(upsample_to(convolution(F.adaptive_avg_pool2d(x, size)), x))  # noqa: F821
        return self.project(torch.cat(parts, dim=1))

    return forward


@misconception(
    module="networks",
    replaces="PyramidPooling.forward",
    loses=["upernet"],
    name="maxima instead of means",
    why="pooling means max pooling since the first convolutional net",
    hint="Which of the two poolings does the docstring name?",
)
def pyramid_of_maxima(original):
    def forward(self, x):
        parts = [x]
        for size, convolution in zip(self.bins, self.convolutions, strict=True):
            parts.append(upsample_to(convolution(F.adaptive_max_pool2d(x, size)), x))  # noqa: F821
        return self.project(torch.cat(parts, dim=1))

    return forward


@misconception(
    module="networks",
    replaces="UperNetHead.forward",
    loses=["upernet"],
    name="smoothed maps handed down",
    why="one variable for the level and for its smoothed version",
    hint="What is added on the way down: before or after `smooth`?",
)
def upernet_hands_down_smoothed(original):
    def forward(self, maps):
        *finer, coarsest = maps
        levels = [self.pool(coarsest)]
        for x, lateral, smooth in zip(finer[::-1], self.lateral[::-1], self.smooth[::-1], strict=True):
            levels.append(smooth(lateral(x) + upsample_to(levels[-1], x)))  # noqa: F821
        levels = [upsample_to(level, maps[0]) for level in levels[::-1]]  # noqa: F821
        return self.logits(self.fuse(torch.cat(levels, dim=1)))

    return forward


@misconception(
    module="networks",
    replaces="UperNetHead.forward",
    loses=["upernet"],
    name="nothing comes from the top down",
    why="each map gets its lateral convolution, and the sum is forgotten",
    hint="A fine map sees little of the image.  From where does it learn what the picture is about?",
)
def upernet_without_top_down(original):
    def forward(self, maps):
        *finer, coarsest = maps
        levels = [s(lateral(x)) for x, lateral, s in zip(finer, self.lateral, self.smooth, strict=True)]
        levels = [upsample_to(level, maps[0]) for level in [*levels, self.pool(coarsest)]]  # noqa: F821
        return self.logits(self.fuse(torch.cat(levels, dim=1)))

    return forward


@misconception(
    module="networks",
    replaces="UperNetHead.forward",
    loses=["upernet"],
    name="fused at the coarsest map's size",
    why="the pyramid pooling is the head's most important part, and the others follow it",
    hint="Which of the maps has the boundaries in it?",
)
def upernet_fuses_coarse(original):
    def forward(self, maps):
        *finer, coarsest = maps
        level = self.pool(coarsest)
        levels = [level]
        for x, lateral, smooth in zip(finer[::-1], self.lateral[::-1], self.smooth[::-1], strict=True):
            level = lateral(x) + upsample_to(level, x)  # noqa: F821
            levels.append(smooth(level))
        levels = [upsample_to(level, coarsest) for level in levels[::-1]]  # noqa: F821
        return self.logits(self.fuse(torch.cat(levels, dim=1)))

    return forward
