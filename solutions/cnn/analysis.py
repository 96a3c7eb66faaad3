"""What a network costs and what it sees, worked out from its list of layers alone.

Lectures: ITE4052 Deep Learning Review, "Convolution Layer" and "Receptive Fields"; Introduction to Computer
Vision, lecture 6 (2023), "VGGNet" and "Receptive Field".

A network is a list of layers made by `conv`, `pool` and `fc`; they are plain dicts:

>>> conv(64, 3, pad=1)
{'kind': 'conv', 'filters': 64, 'kernel': 3, 'stride': 1, 'pad': 1, 'dilation': 1}
"""

__all__ = ["VGG16", "conv", "fc", "layer_table", "output_size", "pool", "receptive_field", "totals"]


def conv(filters, kernel, stride=1, pad=0, dilation=1):
    """A convolution layer of `filters` filters of kernel × kernel pixels."""
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "pad": pad,
        "dilation": dilation,
    }


def pool(kernel, stride, pad=0):
    """A pooling layer, maximum or average."""
    return {"kind": "pool", "kernel": kernel, "stride": stride, "pad": pad, "dilation": 1}


def fc(units):
    """A fully connected layer of `units` outputs."""
    return {"kind": "fc", "units": units}


# The table in Introduction to Computer Vision, lecture 6 (2023), "VGGNet"
VGG16 = [
    *[conv(64, 3, pad=1), conv(64, 3, pad=1), pool(2, 2)],
    *[conv(128, 3, pad=1), conv(128, 3, pad=1), pool(2, 2)],
    *[conv(256, 3, pad=1), conv(256, 3, pad=1), conv(256, 3, pad=1), pool(2, 2)],
    *[conv(512, 3, pad=1), conv(512, 3, pad=1), conv(512, 3, pad=1), pool(2, 2)],
    *[conv(512, 3, pad=1), conv(512, 3, pad=1), conv(512, 3, pad=1), pool(2, 2)],
    *[fc(4096), fc(4096), fc(1000)],
]


def output_size(N, F, stride=1, pad=0, dilation=1):
    """How many places a window of F pixels has on a line of N, padded with `pad` zeros on each side.

    With dilation d, neighbours in the window are d pixels apart, so that it spans d (F - 1) + 1 pixels.

        (N + 2 pad - F) / stride + 1        for dilation 1, rounded down

    Returns:
        The size, an integer.

    Raises:
        ValueError: if the window is larger than the padded line.

    Source: ITE4052 Deep Learning Review, "Convolution Layer"; its padded formula has a + 1 too many.
    """
    ### BEGIN SOLUTION geometry
    span = dilation * (F - 1) + 1
    if span > N + 2 * pad:
        raise ValueError(f"a window of {span} pixels does not fit into {N} with a padding of {pad}")
    return (N + 2 * pad - span) // stride + 1
    ### END SOLUTION


def receptive_field(layers):
    """How many pixels of the input, in one direction, one value after these layers depends on.

    A window of F places sees F values of the layer before.  There, neighbours lie `jump` input pixels apart:
    the product of all strides so far.  For L layers of stride 1 and size K the result is 1 + L (K - 1).

    Args:
        layers: `conv` and `pool` layers, first to last; for none, a pixel sees itself.

    Returns:
        The side of the receptive field, an integer.  Padding does not change it.

    Source: ITE4052 Deep Learning Review, "Receptive Fields"; Introduction to Computer Vision, lecture 6
    (2023), "Receptive Field".
    """
    ### BEGIN SOLUTION geometry
    size, jump = 1, 1
    for layer in layers:
        size += layer["dilation"] * (layer["kernel"] - 1) * jump
        jump *= layer["stride"]
    return size
    ### END SOLUTION


def layer_table(layers, shape, bias=True):
    """Shape, activations, parameters and floating-point operations, layer by layer.

    Args:
        layers: made by `conv`, `pool` and `fc`.  The first `fc` flattens what it gets.
        shape: of one input image, (C, H, W).
        bias: whether each filter and each unit has one; the table on the slide does "not count biases".

    Returns:
        A list with one dict for each layer:
            'shape': of its output, (C, H, W) or (units,);
            'activations': how many numbers that is;
            'parameters': how many are learned;
            'flops': operations for one image, a multiplication and an addition for each weight and each place
                it is used at.  Biases and the comparisons of pooling are not counted.

    Raises:
        ValueError: if a window does not fit (`output_size` says so).

    Source: Introduction to Computer Vision, lecture 6 (2023), "VGGNet".
    """
    ### BEGIN SOLUTION cost
    rows = []
    for layer in layers:
        weights = outputs = 0
        if layer["kind"] == "fc":
            inputs = 1
            for n in shape:
                inputs *= n
            shape = (layer["units"],)
            weights, outputs = inputs * layer["units"], layer["units"]
            flops = 2 * weights
        else:
            C, H, W = shape
            window = layer["kernel"], layer["stride"], layer["pad"], layer["dilation"]
            H, W = output_size(H, *window), output_size(W, *window)
            if layer["kind"] == "conv":
                outputs = layer["filters"]
                weights = outputs * C * layer["kernel"] ** 2
                C = outputs
            shape = (C, H, W)
            flops = 2 * weights * H * W
        activations = 1
        for n in shape:
            activations *= n
        parameters = weights + (outputs if bias else 0)
        rows.append({"shape": shape, "activations": activations, "parameters": parameters, "flops": flops})
    return rows
    ### END SOLUTION


def totals(rows):
    """The sums of a table's columns: activations, parameters, flops."""
    return {key: sum(row[key] for row in rows) for key in ("activations", "parameters", "flops")}
