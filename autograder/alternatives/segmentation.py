"""Right answers to the segmentation assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: indices for slices, Kronecker products, einsum,
torch inside, other layers for the same sum, other names.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.catalogue import alternative

# -------------------------------------------------------------------------------------------------- upsample


@alternative(module="upsampling", replaces="nearest")
def nearest_by_index(original):
    """Each new pixel looks up its old one"""

    def nearest(x, scale):
        _, _, H, W = x.shape
        return x[:, :, (np.arange(scale * H) // scale)[:, None], np.arange(scale * W) // scale]

    return nearest


@alternative(module="upsampling", replaces="nearest")
def nearest_by_kron(original):
    """Kronecker product"""

    def nearest(x, scale):
        return np.kron(x, np.ones((1, 1, scale, scale), dtype=x.dtype))

    return nearest


@alternative(module="upsampling", replaces="bed_of_nails")
def nails_by_reshape(original):
    """Two axes more, then a reshape"""

    def bed_of_nails(x, scale):
        N, C, H, W = x.shape
        out = np.zeros((N, C, H, scale, W, scale), dtype=x.dtype)
        out[:, :, :, 0, :, 0] = x
        return out.reshape(N, C, H * scale, W * scale)

    return bed_of_nails


# ---------------------------------------------------------------------------------------------------- unpool


@alternative(module="upsampling", replaces="max_pool_with_switches")
def switches_in_loops(original):
    """Loops over all windows, lists inside, switches of int32"""

    def max_pool_with_switches(x, size):
        N, C, H, W = x.shape
        out = np.empty((N, C, H // size, W // size), dtype=x.dtype)
        switches = np.empty(out.shape, dtype=np.int32)
        for n, c, i, j in np.ndindex(out.shape):
            seen = [(i * size + k, j * size + m) for k in range(size) for m in range(size)]
            row, column = max(seen, key=lambda at: x[n, c, at[0], at[1]])
            out[n, c, i, j] = x[n, c, row, column]
            switches[n, c, i, j] = row * W + column
        return out, switches

    return max_pool_with_switches


@alternative(module="upsampling", replaces="max_pool_with_switches")
def switches_by_torch(original):
    """torch, in a list"""

    def max_pool_with_switches(x, size):
        import torch

        out, where = torch.nn.functional.max_pool2d(torch.from_numpy(x), size, return_indices=True)
        return [out.numpy(), where.numpy()]

    return max_pool_with_switches


@alternative(module="upsampling", replaces="max_unpool")
def unpool_by_rows_and_columns(original):
    """Fancy indices in place of flat ones"""

    def max_unpool(x, switches, shape):
        N, C = x.shape[:2]
        out = np.zeros((N, C, *shape[-2:]), dtype=x.dtype)
        n, c = np.indices((N, C))
        row, column = np.divmod(switches, shape[-1])
        out[n[:, :, None, None], c[:, :, None, None], row, column] = x
        return out

    return max_unpool


# -------------------------------------------------------------------------------------------------- bilinear


@alternative(module="upsampling", replaces="bilinear")
def bilinear_axis_by_axis(original):
    """Neighbours picked along one axis, then along the other"""

    def bilinear(x, scale):
        for axis in (3, 2):
            n = x.shape[axis]
            s = np.clip((np.arange(scale * n) + 0.5) / scale - 0.5, 0, n - 1)
            before = s.astype(int)
            t = (s - before).astype(x.dtype).reshape((-1, 1) if axis == 2 else -1)
            after = np.minimum(before + 1, n - 1)
            x = (1 - t) * np.take(x, before, axis) + t * np.take(x, after, axis)
        return x

    return bilinear


@alternative(module="upsampling", replaces="bilinear")
def bilinear_four_neighbours(original):
    """All four neighbours at once, in float64, cast at the end"""

    def bilinear(x, scale):
        _, _, H, W = x.shape
        y = np.clip((np.arange(scale * H)[:, None] + 0.5) / scale - 0.5, 0, H - 1)
        z = np.clip((np.arange(scale * W)[None, :] + 0.5) / scale - 0.5, 0, W - 1)
        total = 0.0
        for row in (np.floor(y).astype(int), np.floor(y).astype(int) + 1):
            for column in (np.floor(z).astype(int), np.floor(z).astype(int) + 1):
                weight = (1 - np.abs(y - row)) * (1 - np.abs(z - column))
                total = total + weight * x[:, :, np.minimum(row, H - 1), np.minimum(column, W - 1)]
        return total.astype(x.dtype)

    return bilinear


# ---------------------------------------------------------------------------------------------------- matrix


@alternative(module="upsampling", replaces="convolution_matrix")
def matrix_by_index(original):
    """Each kernel tap on its diagonal"""

    def convolution_matrix(w, n, stride, pad):
        rows = np.arange((n + 2 * pad - len(w)) // stride + 1)
        X = np.zeros((len(rows), n + 2 * pad), dtype=w.dtype)
        for k, value in enumerate(w):
            X[rows, rows * stride + k] = value
        return X

    return convolution_matrix


@alternative(module="upsampling", replaces="transposed_convolution_1d")
def transposed_by_painting(original):
    """A loop that paints, without the matrix"""

    def transposed_convolution_1d(x, w, stride):
        out = np.zeros(stride * (len(x) - 1) + len(w), dtype=np.result_type(x, w))
        for i, value in enumerate(x):
            out[i * stride : i * stride + len(w)] += value * w
        return out

    return transposed_convolution_1d


@alternative(module="upsampling", replaces="transposed_convolution_1d")
def transposed_by_nails(original):
    """A bed of nails, then a full convolution"""

    def transposed_convolution_1d(x, w, stride):
        nails = np.zeros(stride * (len(x) - 1) + 1, dtype=x.dtype)
        nails[::stride] = x
        return np.convolve(nails, w)

    return transposed_convolution_1d


# ------------------------------------------------------------------------------------------- conv_transpose


@alternative(module="upsampling", replaces="conv_transpose_forward")
def transpose_by_einsum(original):
    """einsum for each tap, bias first, a dict for the cache"""

    def conv_transpose_forward(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, _, H, W = x.shape
        _, C_out, HH, WW = w.shape
        full = np.zeros((N, C_out, stride * (H - 1) + HH, stride * (W - 1) + WW), dtype=x.dtype)
        full += b.reshape(1, C_out, 1, 1)
        for i in range(HH):
            for j in range(WW):
                painted = np.einsum("nchw,cf->nfhw", x, w[:, :, i, j])
                full[:, :, i : i + stride * H : stride, j : j + stride * W : stride] += painted
        bottom, right = full.shape[2] - pad, full.shape[3] - pad
        return full[:, :, pad:bottom, pad:right], (x, w, conv_param)

    return conv_transpose_forward


@alternative(module="upsampling", replaces="conv_transpose_forward")
def transpose_by_nails(original):
    """A bed of nails with a border, then a convolution with the filters turned"""

    def conv_transpose_forward(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, C_in, H, W = x.shape
        _, _, HH, WW = w.shape
        nails = np.zeros((N, C_in, stride * (H - 1) + 1, stride * (W - 1) + 1), dtype=x.dtype)
        nails[:, :, ::stride, ::stride] = x
        border = ((0, 0), (0, 0), (HH - 1, HH - 1), (WW - 1, WW - 1))
        windows = sliding_window_view(np.pad(nails, border), (HH, WW), axis=(2, 3))  # noqa: F821
        full = np.einsum("nchwij,cfij->nfhw", windows, w[:, :, ::-1, ::-1], optimize=True)
        full = full + b[None, :, None, None]
        end = tuple(n - pad for n in full.shape[2:])
        return full[:, :, pad : end[0], pad : end[1]].copy(), (x, w, conv_param)

    return conv_transpose_forward


@alternative(module="upsampling", replaces="conv_transpose_backward")
def transpose_backward_by_taps(original):
    """Slices and einsum, tap by tap"""

    def conv_transpose_backward(dout, cache):
        x, w, conv_param = cache
        pad = conv_param["pad"]
        wide = np.pad(dout, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for i, j, met in taps(*x.shape[2:], *w.shape[2:], conv_param["stride"]):  # noqa: F821
            dx += np.einsum("nfhw,cf->nchw", wide[met], w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("nfhw,nchw->cf", wide[met], x)
        return dx, dw, np.einsum("nfhw->f", dout)

    return conv_transpose_backward


@alternative(module="upsampling", replaces="conv_transpose_backward")
def transpose_backward_by_torch(original):
    """torch's convolution for dx, and its weight gradient; in a list"""

    def conv_transpose_backward(dout, cache):
        import torch

        x, w, conv_param = cache
        stride, pad = conv_param["stride"], conv_param["pad"]
        there, x, filters = (torch.tensor(a) for a in (dout, x, w))
        dx = torch.nn.functional.conv2d(there, filters, stride=stride, padding=pad)
        dw = torch.nn.grad.conv2d_weight(there, filters.shape, x, stride=stride, padding=pad)
        return [dx.numpy(), dw.numpy(), dout.sum(axis=(0, 2, 3))]

    return conv_transpose_backward


# ------------------------------------------------------------------------------------------------- confusion


@alternative(module="metrics", replaces="confusion_matrix")
def confusion_by_add_at(original):
    """np.add.at, and int32"""

    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        keep = labels.ravel() != ignore_label
        pairs = np.stack([labels.ravel()[keep], predictions.ravel()[keep]]).astype(np.int32)
        if ((pairs < 0) | (pairs >= num_classes)).any():
            raise ValueError("no such class")
        cm = np.zeros((num_classes, num_classes), dtype=np.int32)
        np.add.at(cm, tuple(pairs), 1)
        return cm

    return confusion_matrix


@alternative(module="metrics", replaces="confusion_matrix")
def confusion_by_histogram(original):
    """A histogram in two dimensions"""

    def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
        keep = labels != ignore_label
        y, z = labels[keep].astype(int), predictions[keep].astype(int)
        if len(y) and (min(y.min(), z.min()) < 0 or max(y.max(), z.max()) >= num_classes):
            raise ValueError("no such class")
        edges = np.arange(num_classes + 1) - 0.5
        return np.histogram2d(y, z, bins=(edges, edges))[0].astype(int)

    return confusion_matrix


# ------------------------------------------------------------------------------------------------------- iou


@alternative(module="metrics", replaces="pixel_accuracy")
def accuracy_by_numpy(original):
    """numpy's own nan, a numpy number"""

    def pixel_accuracy(cm):
        with np.errstate(invalid="ignore"):
            return np.float64(cm.diagonal().sum()) / np.float64(cm.sum())

    return pixel_accuracy


@alternative(module="metrics", replaces="class_iou")
def iou_in_a_loop(original):
    """TP, FP and FN of each class"""

    def class_iou(cm):
        out = []
        for k in range(len(cm)):
            TP, FN, FP = cm[k, k], cm[k].sum() - cm[k, k], cm[:, k].sum() - cm[k, k]
            out.append(TP / (TP + FP + FN) if TP + FP + FN else np.nan)
        return np.array(out)

    return class_iou


@alternative(module="metrics", replaces="mean_iou")
def mean_iou_by_nanmean(original):
    """np.nanmean, whose warning nobody sees"""

    def mean_iou(cm):
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.nanmean(class_iou(cm))  # noqa: F821

    return mean_iou


# -------------------------------------------------------------------------------------------------- boundary


@alternative(module="metrics", replaces="near")
def near_by_distances(original):
    """All distances at once"""

    def near(mask, tolerance):
        points = np.argwhere(mask)
        y, x = np.indices(mask.shape)
        d2 = (y[..., None] - points[:, 0]) ** 2 + (x[..., None] - points[:, 1]) ** 2
        return (d2 <= tolerance**2).any(axis=-1)

    return near


@alternative(module="metrics", replaces="near")
def near_by_painting(original):
    """A disc painted around each pixel"""

    def near(mask, tolerance):
        out = np.zeros(mask.shape, dtype=bool)
        y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
        for row, column in zip(*np.nonzero(mask), strict=True):
            out |= (y - row) ** 2 + (x - column) ** 2 <= tolerance**2
        return out

    return near


@alternative(module="metrics", replaces="boundary_f1")
def boundary_by_counts(original):
    """Shares as means, F1 as one fraction"""

    def boundary_f1(label, prediction, tolerance=2):
        a, b = boundaries(label), boundaries(prediction)  # noqa: F821
        if a.sum() == 0 and b.sum() == 0:
            return 1
        if a.sum() == 0 or b.sum() == 0:
            return 0
        P, R = near(a, tolerance)[b].mean(), near(b, tolerance)[a].mean()  # noqa: F821
        return 0.0 if P == R == 0 else 2 / (1 / P + 1 / R) if P and R else 0.0

    return boundary_f1


# ---------------------------------------------------------------------------------------------------- losses


@alternative(module="segmentation_losses", replaces="cross_entropy")
def entropy_by_library(original):
    """torch's own, but where no pixel counts"""

    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        if (labels == ignore_label).all():
            return (logits * 0).sum()
        return F.cross_entropy(logits, labels, weight=weight, ignore_index=ignore_label)

    return cross_entropy


@alternative(module="segmentation_losses", replaces="cross_entropy")
def entropy_by_masks(original):
    """Nothing is picked: masks and logsumexp, the denominator never 0"""

    def cross_entropy(logits, labels, weight=None, ignore_label=255):
        counts = (labels != ignore_label).to(logits.dtype)
        y = torch.where(labels != ignore_label, labels, torch.zeros_like(labels))
        w = counts if weight is None else counts * weight[y]
        nll = torch.logsumexp(logits, 1) - logits.gather(1, y[:, None]).squeeze(1)
        return (w * nll).sum() / w.sum().clamp(min=1e-12)

    return cross_entropy


@alternative(module="segmentation_losses", replaces="overlap")
def overlap_by_einsum(original):
    """Images stay images: einsum over them, with a mask"""

    def overlap(logits, labels, ignore_label=255):
        C = logits.shape[1]
        mask = (labels != ignore_label).to(logits.dtype)
        Y = torch.stack([(labels == c).to(logits.dtype) * mask for c in range(C)], dim=1)
        X = logits.softmax(1) * mask[:, None]
        sums = [torch.einsum("nchw,nchw->c", X, Y), X.sum((0, 2, 3)), Y.sum((0, 2, 3))]
        return [s[sums[2] > 0] for s in sums]

    return overlap


@alternative(module="segmentation_losses", replaces="soft_iou_loss")
def soft_iou_class_by_class(original):
    """A loop over the classes that occur, without `overlap`"""

    def soft_iou_loss(logits, labels, ignore_label=255):
        p, losses = F.softmax(logits, dim=1), []
        for c in labels[labels != ignore_label].unique().tolist():
            X, Y = p[:, c][labels != ignore_label], (labels == c)[labels != ignore_label].float()
            losses.append(1 - (X * Y).sum() / (X + Y - X * Y).sum())
        return sum(losses) / len(losses) if losses else 0 * logits.sum()

    return soft_iou_loss


@alternative(module="segmentation_losses", replaces="dice_loss")
def dice_by_iou(original):
    """From the IoU"""

    def dice_loss(logits, labels, ignore_label=255):
        intersection, X, Y = overlap(logits, labels, ignore_label)  # noqa: F821
        if len(Y) == 0:
            return logits.sum() * 0.0
        iou = intersection / (X + Y - intersection)
        return (1 - 2 * iou / (1 + iou)).mean()

    return dice_loss


# -------------------------------------------------------------------------------------------------- networks


@alternative(module="networks", replaces="ConvAutoencoder")
def autoencoder_in_lists(original):
    """Layers in lists, relu as a function"""

    class ConvAutoencoder(nn.Module):
        def __init__(self, in_channels=3, width=16, latent=4, depth=3):
            super().__init__()
            C = [in_channels] + [width << i for i in range(depth)]
            pairs = [(C[i], C[i + 1]) for i in range(depth)]
            self.down = nn.ModuleList([nn.Conv2d(a, b, 3, 2, 1) for a, b in pairs])
            self.narrow, self.wide = nn.Conv2d(C[-1], latent, 1), nn.Conv2d(latent, C[-1], 1)
            self.up = nn.ModuleList([nn.ConvTranspose2d(b, a, 2, 2) for a, b in reversed(pairs)])

        def encode(self, x):
            for layer in self.down:
                x = layer(x).clamp(min=0)
            return self.narrow(x)

        def decode(self, z):
            z = self.wide(z)
            for layer in self.up:
                z = layer(z.relu())
            return z

        def forward(self, x):
            return self.decode(self.encode(x))

    return ConvAutoencoder


@alternative(module="networks", replaces="ConvAutoencoder")
def autoencoder_with_linear(original):
    """1×1 convolutions as linear layers"""

    class ConvAutoencoder(nn.Module):
        def __init__(self, in_channels=3, width=16, latent=4, depth=3):
            super().__init__()
            last = width * 2 ** (depth - 1)
            steps = [in_channels, *(width * 2**i for i in range(depth))]
            self.convolutions = nn.ModuleList()
            self.transposed = nn.ModuleList()
            for i in range(depth):
                self.convolutions.append(nn.Conv2d(steps[i], steps[i + 1], 3, stride=2, padding=1))
                self.transposed.insert(0, nn.ConvTranspose2d(steps[i + 1], steps[i], 2, stride=2))
            self.to_code, self.from_code = nn.Linear(last, latent), nn.Linear(latent, last)

        def encode(self, x):
            for convolution in self.convolutions:
                x = F.relu(convolution(x))
            return self.to_code(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

        def decode(self, z):
            x = self.from_code(z.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
            for convolution in self.transposed:
                x = convolution(F.relu(x))
            return x

        def forward(self, x):
            return self.decode(self.encode(x))

    return ConvAutoencoder


@alternative(module="networks", replaces="FCN")
def fcn_three_cases(original):
    """One layer for each scale, and an if"""

    class FCN(nn.Module):
        def __init__(self, in_channels, num_classes, width=8, stride=8):
            super().__init__()
            self.stride = stride
            self.backbone = Backbone(in_channels, width)  # noqa: F821
            self.score32 = nn.Conv2d(8 * width, num_classes, 1)
            if stride <= 16:
                self.score16 = nn.Conv2d(8 * width, num_classes, 1)
            if stride <= 8:
                self.score8 = nn.Conv2d(4 * width, num_classes, 1)

        def forward(self, x):
            _, _, at8, at16, at32 = self.backbone(x)
            y = self.score32(at32)
            if self.stride <= 16:
                y = F.interpolate(y, at16.shape[-2:], mode="bilinear") + self.score16(at16)
            if self.stride <= 8:
                y = F.interpolate(y, at8.shape[-2:], mode="bilinear") + self.score8(at8)
            return F.interpolate(y, x.shape[-2:], mode="bilinear")

    return FCN


@alternative(module="networks", replaces="FCN.forward")
def fcn_from_the_top(original):
    """A loop from the coarsest map to the finest"""

    def forward(self, x):
        out = None
        maps = self.backbone(x)
        for k in range(1, len(self.scores) + 1):
            score = self.scores[-k](maps[-k])
            out = score if out is None else score.add(upsample_to(out, score))  # noqa: F821
        return upsample_to(out, x)  # noqa: F821

    return forward


@alternative(module="networks", replaces="UNet")
def unet_recursive(original):
    """A net within a net"""

    class Level(nn.Module):
        def __init__(self, C_in, width, depth, skips):
            super().__init__()
            self.skips = skips
            self.first = nn.Sequential(conv_bn_relu(C_in, width), conv_bn_relu(width, width))  # noqa: F821
            self.inner = None
            if depth:
                self.inner = Level(width, 2 * width, depth - 1, skips)
                self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
                C = 2 * width if skips else width
                self.second = nn.Sequential(conv_bn_relu(C, width), conv_bn_relu(width, width))  # noqa: F821

        def forward(self, x):
            x = self.first(x)
            if self.inner is None:
                return x
            y = self.up(self.inner(F.max_pool2d(x, 2)))
            return self.second(torch.hstack([x, y]) if self.skips else y)

    class UNet(nn.Module):
        def __init__(self, in_channels, num_classes, width=8, depth=3, skips=True):
            super().__init__()
            self.body = Level(in_channels, width, depth, skips)
            self.head = nn.Conv2d(width, num_classes, 1)

        def forward(self, x):
            return self.head(self.body(x))

    return UNet


@alternative(module="networks", replaces="UNet.forward")
def unet_with_a_module_pool(original):
    """nn.MaxPool2d, a list that is indexed"""

    def forward(self, x):
        pool, kept = nn.MaxPool2d(2), [x]
        for block in self.down:
            kept.append(block(kept[-1] if len(kept) == 1 else pool(kept[-1])))
        y = self.bottom(pool(kept[-1]))
        for i in range(len(self.up)):
            y = self.up[i](y)
            y = self.merge[i](torch.cat((kept[-1 - i], y), 1) if self.skips else y)
        return self.logits(y)

    return forward


@alternative(module="networks", replaces="ASPP")
def aspp_one_list(original):
    """All branches in one list, interpolation of a single pixel"""

    class ASPP(nn.Module):
        def __init__(self, in_channels, channels=32, rates=(2, 4, 6)):
            super().__init__()
            pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv_bn_relu(in_channels, channels, 1))  # noqa: F821
            atrous = [conv_bn_relu(in_channels, channels, 3, r) for r in rates]  # noqa: F821
            self.all = nn.ModuleList([conv_bn_relu(in_channels, channels, 1), *atrous, pooled])  # noqa: F821
            self.last = conv_bn_relu(channels * len(self.all), channels, 1)  # noqa: F821

        def forward(self, x):
            return self.last(torch.cat([upsample_to(branch(x), x) for branch in self.all], 1))  # noqa: F821

    return ASPP


@alternative(module="networks", replaces="DeepLabHead")
def deeplab_written_out(original):
    """Layers by name, linear for the last one"""

    class DeepLabHead(nn.Module):
        def __init__(self, in_channels, num_classes, channels=32, rates=(2, 4, 6)):
            super().__init__()
            self.aspp = ASPP(list(in_channels).pop(), channels, rates)  # noqa: F821
            self.conv = nn.Conv2d(channels, channels, 3, padding="same", bias=False)
            self.bn = nn.BatchNorm2d(channels)
            self.classify = nn.Linear(channels, num_classes)

        def forward(self, maps):
            x = torch.relu(self.bn(self.conv(self.aspp(maps[len(maps) - 1]))))
            return self.classify(x.movedim(1, -1)).movedim(-1, 1)

    return DeepLabHead


@alternative(module="networks", replaces="PyramidPooling")
def pyramid_in_a_sequence(original):
    """Pooling as layers"""

    class PyramidPooling(nn.Module):
        def __init__(self, in_channels, channels=32, bins=(1, 2, 3, 6)):
            super().__init__()
            self.parts = nn.ModuleList(
                nn.Sequential(nn.AdaptiveAvgPool2d(b), conv_bn_relu(in_channels, channels, 1))  # noqa: F821
                for b in bins
            )
            self.out = conv_bn_relu(in_channels + channels * len(bins), channels)  # noqa: F821

        def forward(self, x):
            return self.out(torch.cat([x] + [upsample_to(part(x), x) for part in self.parts], 1))  # noqa: F821

    return PyramidPooling


@alternative(module="networks", replaces="UperNetHead.forward")
def upernet_in_two_passes(original):
    """All lateral maps first, then down, then smooth"""

    def forward(self, maps):
        sums = [lateral(x) for lateral, x in zip(self.lateral, maps, strict=False)] + [self.pool(maps[-1])]
        for i in reversed(range(len(sums) - 1)):
            sums[i] = sums[i] + upsample_to(sums[i + 1], sums[i])  # noqa: F821
        levels = [smooth(s) for smooth, s in zip(self.smooth, sums, strict=False)] + sums[-1:]
        fused = self.fuse(torch.cat([upsample_to(level, levels[0]) for level in levels], 1))  # noqa: F821
        return self.logits(fused)

    return forward
