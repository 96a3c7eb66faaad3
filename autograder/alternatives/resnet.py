"""Right answers to the resnet assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: other layers for the same sum, loops over images,
numpy inside, other names, other orders of what commutes.
"""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.catalogue import alternative

# -------------------------------------------------------------------------------------------------- shortcut


@alternative(module="blocks", replaces="zeros_shortcut")
def shortcut_by_assignment(original):
    """A tensor of zeros, filled in"""

    def zeros_shortcut(x, channels, stride=1):
        x = x[:, :, ::stride, ::stride]
        before = (channels - x.shape[1]) // 2
        out = torch.zeros(x.shape[0], channels, *x.shape[2:])
        out[:, before : before + x.shape[1]] = x
        return out

    return zeros_shortcut


@alternative(module="blocks", replaces="zeros_shortcut")
def shortcut_by_cat(original):
    """Pooling of one pixel, and torch.cat"""

    def zeros_shortcut(x, channels, stride=1):
        x = F.max_pool2d(x, 1, stride) if stride > 1 else x
        new = channels - x.shape[1]
        before = x.new_zeros(len(x), new // 2, *x.shape[2:])
        after = x.new_zeros(len(x), new - new // 2, *x.shape[2:])
        return torch.cat([before, x, after], dim=1)

    return zeros_shortcut


# ----------------------------------------------------------------------------------------------- basic_block


@alternative(module="blocks", replaces="BasicBlock")
def basic_by_sequential(original):
    """nn.Sequential, other names, another base"""

    class BasicBlock(nn.Module):
        expansion = 1

        def __init__(self, channels_in, channels, stride=1, shortcut="zeros"):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(channels_in, channels, kernel_size=3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
                nn.Conv2d(channels, channels, kernel_size=3, padding="same", bias=False),
                nn.BatchNorm2d(channels),
            )
            kind = original.__init__.__globals__["Shortcut"]
            self.skip = kind(channels_in, channels, stride, shortcut) if shortcut is not None else None

        def forward(self, x):
            y = self.body(x)
            if self.skip is not None:
                y += self.skip(x)
            return y.clamp(min=0)

    return BasicBlock


@alternative(module="blocks", replaces="BasicBlock.forward")
def basic_in_place(original):
    """In place, torchvision style"""

    def forward(self, x):
        identity = self.shortcut(x) if self.shortcut is not None else 0
        out = self.conv1(x)
        out = self.bn1(out)
        out = out.relu_()
        out = self.conv2(out)
        out = self.bn2(out)
        out += identity
        return out.relu_()

    return forward


# ------------------------------------------------------------------------------------------------ bottleneck


@alternative(module="blocks", replaces="Bottleneck.forward")
def bottleneck_by_loop(original):
    """A loop over the three pairs"""

    def forward(self, x):
        out = x
        for i in (1, 2, 3):
            out = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(out))
            if i < 3:
                out = torch.relu(out)
        return torch.relu(out if self.shortcut is None else self.shortcut(x) + out)

    return forward


@alternative(module="blocks", replaces="Bottleneck")
def bottleneck_by_sequential(original):
    """nn.Sequential and other names"""

    class Bottleneck(nn.Module):
        expansion = 4

        def __init__(self, channels_in, channels, stride=1, shortcut="projection"):
            super().__init__()
            width = channels // 4

            def pair(a, b, size, step=1):
                return nn.Sequential(nn.Conv2d(a, b, size, step, size // 2, bias=False), nn.BatchNorm2d(b))

            self.down, self.middle = pair(channels_in, width, 1), pair(width, width, 3, stride)
            self.up = pair(width, channels, 1)
            kind = original.__init__.__globals__["Shortcut"]
            self.skip = kind(channels_in, channels, stride, shortcut) if shortcut else lambda x: 0.0

        def forward(self, x):
            return F.relu(self.up(F.relu(self.middle(F.relu(self.down(x))))) + self.skip(x))

    return Bottleneck


# -------------------------------------------------------------------------------------------- squeeze_excite


@alternative(module="blocks", replaces="SqueezeExcite")
def gate_by_convolutions(original):
    """1×1 convolutions and adaptive pooling"""

    class SqueezeExcite(nn.Module):
        def __init__(self, channels, reduction=16):
            super().__init__()
            self.gate = nn.Sequential(
                nn.AdaptiveAvgPool2d(1),
                nn.Conv2d(channels, channels // reduction, 1),
                nn.ReLU(),
                nn.Conv2d(channels // reduction, channels, 1),
                nn.Sigmoid(),
            )

        def forward(self, x):
            return self.gate(x) * x

    return SqueezeExcite


@alternative(module="blocks", replaces="SqueezeExcite.forward")
def gate_by_einsum(original):
    """einsum, and the mean as a sum"""

    def forward(self, x):
        mean = x.flatten(2).sum(dim=2) / x[0, 0].numel()
        s = 1 / (1 + torch.exp(-self.excite(self.squeeze(mean).clamp(min=0))))
        return torch.einsum("bchw,bc->bchw", x, s)

    return forward


# ------------------------------------------------------------------------------------------------- depthwise


@alternative(module="blocks", replaces="DepthwiseSeparable")
def depthwise_by_sequential(original):
    """One nn.Sequential"""

    class DepthwiseSeparable(nn.Module):
        def __init__(self, channels_in, channels, stride=1):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(channels_in, channels_in, 3, stride, 1, groups=channels_in, bias=False),
                nn.BatchNorm2d(channels_in),
                nn.ReLU(),
                nn.Conv2d(channels_in, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            )

        def forward(self, x):
            return self.layers(x)

    return DepthwiseSeparable


@alternative(module="blocks", replaces="DepthwiseSeparable.forward")
def depthwise_in_place(original):
    """In place, and padded by hand"""

    def forward(self, x):
        out = F.conv2d(
            F.pad(x, (1, 1, 1, 1)), self.depthwise.weight, stride=self.depthwise.stride, groups=x.shape[1]
        )
        out = self.bn1(out).relu_()
        return self.bn2(self.pointwise(out)).relu_()

    return forward


# ----------------------------------------------------------------------------------------------- dense_block


@alternative(module="blocks", replaces="DenseBlock.forward")
def dense_by_list(original):
    """A list of all results, concatenated anew for each layer"""

    def forward(self, x):
        seen = [x]
        for layer in self.layers:
            seen.append(layer(torch.cat(seen, dim=1)))
        return torch.cat(seen, dim=1)

    return forward


@alternative(module="blocks", replaces="DenseBlock")
def dense_by_two_lists(original):
    """Norms and convolutions in lists of their own"""

    class DenseBlock(nn.Module):
        def __init__(self, channels_in, growth, layers):
            super().__init__()
            sizes = [channels_in + i * growth for i in range(layers)]
            self.norms = nn.ModuleList([nn.BatchNorm2d(n) for n in sizes])
            self.convs = nn.ModuleList([nn.Conv2d(n, growth, 3, padding=1, bias=False) for n in sizes])

        def forward(self, x):
            for norm, conv in zip(self.norms, self.convs, strict=True):
                x = torch.cat((x, conv(F.relu(norm(x)))), 1)
            return x

    return DenseBlock


# ---------------------------------------------------------------------------------------------- cifar_resnet


@alternative(module="resnet", replaces="CifarResNet")
def cifar_by_stages(original):
    """Stages as attributes, adaptive pooling, flatten"""

    import torch
    import torch.nn.functional as F

    class CifarResNet(nn.Module):
        def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
            super().__init__()
            block = original.__init__.__globals__["BasicBlock"]
            kind = "zeros" if residual else None
            self.conv = nn.Conv2d(channels, width, kernel_size=3, stride=1, padding=1, bias=False)
            self.bn = nn.BatchNorm2d(width)

            def stage(a, b, stride):
                first = block(a, b, stride=stride, shortcut=kind)
                return nn.Sequential(first, *[block(b, b, shortcut=kind) for _ in range(blocks - 1)])

            self.layer1, self.layer2 = stage(width, width, 1), stage(width, 2 * width, 2)
            self.layer3, self.fc = stage(2 * width, 4 * width, 2), nn.Linear(4 * width, num_classes)

        def forward(self, x):
            x = torch.relu(self.bn(self.conv(x)))
            x = self.layer3(self.layer2(self.layer1(x)))
            return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))

    return CifarResNet


@alternative(module="resnet", replaces="CifarResNet.forward")
def cifar_pool_by_hand(original):
    """The mean as an average pool over the whole map"""

    import torch.nn.functional as F

    def forward(self, x):
        maps = self.features(x)
        return self.classifier(F.avg_pool2d(maps, maps.shape[2:]).reshape(len(x), -1))

    return forward


# ------------------------------------------------------------------------------------------- imagenet_resnet


@alternative(module="resnet", replaces="ImageNetResNet")
def imagenet_like_torchvision(original):
    """torchvision's names and stages"""

    import torch

    class ImageNetResNet(nn.Module):
        def __init__(self, block, layers, num_classes=1000, channels=3):
            super().__init__()
            self.inplanes = 64
            self.conv1 = nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
            self.layer1 = self._make_layer(block, 64, layers[0], 1)
            self.layer2 = self._make_layer(block, 128, layers[1], 2)
            self.layer3 = self._make_layer(block, 256, layers[2], 2)
            self.layer4 = self._make_layer(block, 512, layers[3], 2)
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(512 * block.expansion, num_classes)

        def _make_layer(self, block, planes, blocks, stride):
            layers = []
            for i in range(blocks):
                channels = planes * block.expansion
                layers.append(block(self.inplanes, channels, stride if i == 0 else 1, shortcut="projection"))
                self.inplanes = channels
            return nn.Sequential(*layers)

        def forward(self, x):
            x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(torch.flatten(self.avgpool(x), 1))

    return ImageNetResNet


@alternative(module="resnet", replaces="ImageNetResNet.forward")
def imagenet_mean_in_two_steps(original):
    """The mean over columns, then over rows"""

    def forward(self, x):
        return self.classifier(self.stages(self.stem(x)).mean(-1).mean(-1))

    return forward


# ------------------------------------------------------------------------------------------------- flip_crop


@alternative(module="augment", replaces="flip")
def flip_by_index(original):
    """A copy, filled in where which is True"""

    def flip(images, which):
        out = images.clone()
        out[which] = torch.flip(images[which], dims=[-1])
        return out

    return flip


@alternative(module="augment", replaces="crop")
def crop_by_gather(original):
    """Two gathers, one for each axis"""

    def crop(images, pad, top, left):
        B, C, H, W = images.shape
        padded = F.pad(images, [pad] * 4)
        rows = (top[:, None] + torch.arange(H))[:, None, :, None].expand(B, C, H, W + 2 * pad)
        columns = (left[:, None] + torch.arange(W))[:, None, None, :].expand(B, C, H, W)
        return padded.gather(2, rows).gather(3, columns)

    return crop


@alternative(module="augment", replaces="flip")
def flip_by_blend(original):
    """Arithmetic with the booleans"""

    def flip(images, which):
        which = which.view(-1, 1, 1, 1).float()
        return which * images.flip(-1) + (1 - which) * images

    return flip


# ---------------------------------------------------------------------------------------------------- affine


@alternative(module="augment", replaces="affine_matrix")
def matrix_by_inverse(original):
    """The forward matrix, inverted"""

    def affine_matrix(angle, scale, shift_x, shift_y):
        a = angle * torch.pi / 180
        zero, one = torch.zeros_like(a), torch.ones_like(a)
        forward = torch.stack(
            [
                scale * a.cos(),
                -scale * a.sin(),
                shift_x,
                scale * a.sin(),
                scale * a.cos(),
                shift_y,
                zero,
                zero,
                one,
            ],
            dim=1,
        )
        return torch.linalg.inv(forward.view(-1, 3, 3))[:, :2]

    return affine_matrix


@alternative(module="augment", replaces="affine")
def affine_by_affine_grid(original):
    """F.affine_grid, with the matrix in its coordinates"""

    def affine(images, matrix):
        H, W = images.shape[2:]
        half = torch.tensor([W / 2, H / 2])
        linear = matrix[:, :, :2] * half[None, None, :] / half[None, :, None]
        theta = torch.cat([linear, matrix[:, :, 2:] / half[None, :, None]], dim=2)
        grid = F.affine_grid(theta, list(images.shape), align_corners=False)
        return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    return affine


# ---------------------------------------------------------------------------------------------------- colour


@alternative(module="augment", replaces="adjust_colour")
def colour_by_lerp(original):
    """torch.lerp, and the brightness worked out anew"""

    def adjust_colour(images, brightness, contrast, saturation):
        def shaped(f):
            return f.view(-1, 1, 1, 1)

        def luma(x):
            return x if x.shape[1] == 1 else (0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2])[:, None]

        x = torch.clip(images * shaped(brightness), 0, 1)
        x = torch.clip(
            torch.lerp(luma(x).flatten(1).mean(1).view(-1, 1, 1, 1).expand_as(x), x, shaped(contrast)), 0, 1
        )
        return torch.clip(torch.lerp(luma(x).expand_as(x), x, shaped(saturation)), 0, 1)

    return adjust_colour


@alternative(module="augment", replaces="adjust_colour")
def colour_image_by_image(original):
    """A loop over the images"""

    def adjust_colour(images, brightness, contrast, saturation):
        grey, out = original.__globals__["grey"], []
        for x, f, g, h in zip(images.split(1), brightness, contrast, saturation, strict=True):
            light = (x * f).clamp(0, 1)
            mean = grey(light).mean()
            strong = (mean + g * (light - mean)).clamp(0, 1)
            out.append((grey(strong) + h * (strong - grey(strong))).clamp(0, 1))
        return torch.cat(out)

    return adjust_colour


# ---------------------------------------------------------------------------------------------------- cutout


@alternative(module="augment", replaces="box_mask")
def box_by_slices(original):
    """A loop over the images, and slices"""

    def box_mask(H, W, y, x, height, width):
        heights, widths = (torch.as_tensor(n).expand(len(y)).tolist() for n in (height, width))
        mask = torch.zeros(len(y), H, W, dtype=torch.bool)
        for b, (h, w) in enumerate(zip(heights, widths, strict=True)):
            top, left = int(y[b]) - h // 2, int(x[b]) - w // 2
            mask[b, max(0, top) : max(0, top + h), max(0, left) : max(0, left + w)] = True
        return mask

    return box_mask


@alternative(module="augment", replaces="cutout")
def cutout_by_product(original):
    """Multiplied by what is outside"""

    def cutout(images, y, x, size):
        mask = original.__globals__["box_mask"](*images.shape[2:], y, x, size, size)
        return images * (~mask).float().unsqueeze(1)

    return cutout


# ----------------------------------------------------------------------------------------------------- mixup


@alternative(module="augment", replaces="mixup")
def mixup_by_lerp(original):
    """torch.lerp"""

    def mixup(images, targets, partner, lam):
        mixed = torch.lerp(images[partner], images, lam.view(-1, 1, 1, 1).expand_as(images))
        return mixed, torch.lerp(targets[partner], targets, lam.view(-1, 1).expand_as(targets))

    return mixup


@alternative(module="augment", replaces="mixup")
def mixup_by_matrix(original):
    """A matrix that mixes rows, and a list as the result"""

    def mixup(images, targets, partner, lam):
        mix = torch.diag(lam) + torch.diag(1 - lam) @ torch.eye(len(lam))[partner]
        return [torch.einsum("ab,bchw->achw", mix, images), mix @ targets]

    return mixup


# ---------------------------------------------------------------------------------------------------- cutmix


@alternative(module="augment", replaces="cutmix")
def cutmix_by_loop(original):
    """A loop over the images, in a copy"""

    def cutmix(images, targets, partner, lam, y, x):
        H, W = images.shape[2:]
        out, mixed = images.clone(), targets.clone()
        for b in range(len(images)):
            h, w = round(H * float(1 - lam[b]) ** 0.5), round(W * float(1 - lam[b]) ** 0.5)
            top, left = int(y[b]) - h // 2, int(x[b]) - w // 2
            rows = slice(max(top, 0), max(min(top + h, H), 0))
            columns = slice(max(left, 0), max(min(left + w, W), 0))
            out[b, :, rows, columns] = images[partner[b], :, rows, columns]
            pasted = (rows.stop - rows.start) * (columns.stop - columns.start) / (H * W)
            mixed[b] = (1 - pasted) * targets[b] + pasted * targets[partner[b]]
        return out, mixed

    return cutmix


@alternative(module="augment", replaces="cutmix")
def cutmix_by_product(original):
    """The mask as numbers"""

    def cutmix(images, targets, partner, lam, y, x):
        H, W = images.shape[2:]
        side = (1 - lam).sqrt()
        inside = original.__globals__["box_mask"](
            H, W, y, x, torch.round(side * H).int(), torch.round(side * W).int()
        ).float()[:, None]
        own = 1 - inside.sum(dim=(1, 2, 3)) / (H * W)
        mixed = own[:, None] * targets + (1 - own)[:, None] * targets[partner]
        return inside * images[partner] + (1 - inside) * images, mixed

    return cutmix


# ---------------------------------------------------------------------------------------------------- augmix


@alternative(module="augment", replaces="augmix")
def augmix_by_stack(original):
    """All chains stacked, and einsum"""

    def augmix(images, chains, weights, m):
        stack = torch.stack([chain(images.clone()) for chain in chains], dim=1)
        return torch.lerp(
            torch.einsum("bk,bkchw->bchw", weights, stack), images, m.view(-1, 1, 1, 1).expand_as(images)
        )

    return augmix


@alternative(module="augment", replaces="augmix")
def augmix_weights_first(original):
    """The share of the original in the weights"""

    def augmix(images, chains, weights, m):
        out = m.view(-1, 1, 1, 1) * images
        for weight, chain in zip(weights.unbind(1), chains, strict=True):
            out = out + ((1 - m) * weight).view(-1, 1, 1, 1) * chain(images)
        return out

    return augmix


# ---------------------------------------------------------------------------------------------- decay_groups


@alternative(module="regularize", replaces="decay_groups")
def decay_by_modules(original):
    """Kinds of modules instead of axes"""

    def decay_groups(net, weight_decay):
        decay, rest = [], []
        for module in net.modules():
            for name, p in module.named_parameters(recurse=False):
                if p.requires_grad:
                    weight = name == "weight" and isinstance(module, nn.Conv2d | nn.Linear)
                    (decay if weight else rest).append(p)
        return [{"params": rest, "weight_decay": 0}, {"params": decay, "weight_decay": weight_decay}]

    return decay_groups


@alternative(module="regularize", replaces="decay_groups")
def decay_by_names(original):
    """Dictionaries of names"""

    def decay_groups(net, weight_decay):
        learned = {name: p for name, p in net.named_parameters() if p.requires_grad}
        small = {name: p for name, p in learned.items() if len(p.shape) <= 1}
        return [
            {
                "params": [learned[name] for name in learned.keys() - small.keys()],
                "weight_decay": weight_decay,
            },
            {"params": list(small.values()), "weight_decay": 0.0},
        ]

    return decay_groups


# -------------------------------------------------------------------------------------------- early_stopping


@alternative(module="regularize", replaces="EarlyStopping.step")
def stopping_by_clones(original):
    """Clones of the tensors, and a number of the round"""

    def step(self, loss, net):
        self.rounds = getattr(self, "rounds", 0) + 1
        if loss < self.best_loss:
            self.best_loss, self.best_round = float(loss), self.rounds
            self.best_state = {key: tensor.detach().clone() for key, tensor in net.state_dict().items()}
        return bool(self.rounds - getattr(self, "best_round", 0) >= self.patience)

    return step


@alternative(module="regularize", replaces="EarlyStopping.step")
def stopping_by_history(original):
    """All losses kept"""

    import numpy as np

    def step(self, loss, net):
        self.losses = [*getattr(self, "losses", []), float(loss)]
        best = int(np.argmin(self.losses))
        if best == len(self.losses) - 1:
            self.best_state = copy.deepcopy(net).state_dict()
            self.best_loss = loss
        return len(self.losses) - 1 - best >= self.patience

    return step


# ------------------------------------------------------------------------------------------- label_smoothing


@alternative(module="regularize", replaces="smooth_labels")
def smooth_by_filling(original):
    """Filled with ε/K, and added to"""

    def smooth_labels(labels, num_classes, smoothing):
        targets = torch.full((len(labels), num_classes), smoothing / num_classes)
        targets[torch.arange(len(labels)), labels] += 1 - smoothing
        return targets

    return smooth_labels


@alternative(module="regularize", replaces="soft_cross_entropy")
def soft_loss_by_torch(original):
    """torch's own cross_entropy takes probabilities"""

    def soft_cross_entropy(logits, targets):
        return F.cross_entropy(logits, targets)

    return soft_cross_entropy


@alternative(module="regularize", replaces="soft_cross_entropy")
def soft_loss_by_logsumexp(original):
    """logsumexp, shifted by hand"""

    def soft_cross_entropy(logits, targets):
        log_p = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        return torch.mean(-torch.einsum("bk,bk->b", targets, log_p))

    return soft_cross_entropy


# ---------------------------------------------------------------------------------------------- distillation


@alternative(module="regularize", replaces="distillation_loss")
def distilled_by_hand(original):
    """KL written out, teacher under no_grad"""

    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        with torch.no_grad():
            p = torch.softmax(teacher_logits / T, dim=-1)
            log_p = torch.log_softmax(teacher_logits / T, dim=-1)
        kl = (p * (log_p - torch.log_softmax(logits / T, dim=-1))).sum() / len(logits)
        return alpha * T * T * kl + (1 - alpha) * nn.CrossEntropyLoss()(logits, labels)

    return distillation_loss


@alternative(module="regularize", replaces="distillation_loss")
def distilled_by_kl_loss(original):
    """nn.KLDivLoss with probabilities"""

    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        soft = nn.KLDivLoss(reduction="sum")(
            F.log_softmax(logits / T, 1), F.softmax(teacher_logits / T, 1).detach()
        )
        hard = -F.log_softmax(logits, 1)[range(len(labels)), labels].mean()
        return torch.lerp(hard, soft / logits.shape[0] * T**2, alpha)

    return distillation_loss


# ---------------------------------------------------------------------------------------------------- freeze


@alternative(module="regularize", replaces="freeze")
def freeze_by_names(original):
    """Names of parameters"""

    def freeze(net, trainable=()):
        for name, parameter in net.named_parameters():
            parameter.requires_grad = name.split(".")[0] in tuple(trainable)

    return freeze


@alternative(module="regularize", replaces="freeze")
def freeze_first_then_open(original):
    """Everything off, then some on"""

    def freeze(net, trainable=()):
        net.requires_grad_(False)
        for name in trainable:
            getattr(net, name).requires_grad_(True)

    return freeze


@alternative(module="regularize", replaces="fine_tuning_mode")
def mode_by_apply(original):
    """net.apply, and train(flag) for each norm"""

    def fine_tuning_mode(net):
        def visit(module):
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.train(any(p.requires_grad for p in module.parameters()))

        net.train()
        net.apply(visit)

    return fine_tuning_mode


# ------------------------------------------------------------------------------------------------- landscape


@alternative(module="landscape", replaces="filter_normalise")
def filters_in_a_loop(original):
    """A loop over filters, in a copy"""

    def filter_normalise(direction, weights):
        out = []
        for d, w in zip(direction, weights, strict=True):
            out.append(torch.zeros_like(d))
            for i in range(len(d) if d.dim() > 1 else 0):
                out[-1][i] = d[i] * (w[i].norm() / (d[i].norm() + 1e-10))
        return out

    return filter_normalise


@alternative(module="landscape", replaces="loss_surface")
def surface_by_vectors(original):
    """All weights as one vector"""

    def loss_surface(loss, weights, first, second, alphas, betas):
        from torch.nn.utils import parameters_to_vector

        centre, d, e = (parameters_to_vector(ws).detach().clone() for ws in (weights, first, second))
        surface = []
        with torch.no_grad():
            for alpha in alphas:
                row = []
                for beta in betas:
                    for w, value in zip(
                        weights,
                        (centre + alpha * d + beta * e).split([w.numel() for w in weights]),
                        strict=True,
                    ):
                        w.copy_(value.view_as(w))
                    row.append(float(loss()))
                surface.append(row)
            for w, value in zip(weights, centre.split([w.numel() for w in weights]), strict=True):
                w.copy_(value.view_as(w))
        return np.array(surface)

    return loss_surface


@alternative(replaces="held_out.safetensors")
def other_integers(original):
    """int64, as argmax returns them, with the scores beside them"""
    return {"labels": original["labels"].astype(np.int64), "scores": np.eye(10)[original["labels"]]}


@alternative(replaces="held_out.safetensors")
def another_net(original):
    """Another net, which says something else of every twentieth image"""
    labels = original["labels"].copy()
    labels[::20] = (labels[::20] + 1) % 10
    return {"labels": labels}
