"""scikit-image and PyTorch, as a child process: a line of fields between tabs in, a line of JSON out.

    versions                                   {"skimage": "0.25.0" or null, ...}
    load  batch height width channels x y      raw float32 files, NHWC
    check row mode                             {"number": mean SSIM, or norm of the loss's gradient, or null}
    run   row mode repeats                     {"ms": of all repeats}
"""

import json
import os
import sys
import time

import numpy as np

try:
    import skimage
    from skimage.metrics import structural_similarity
except ImportError:
    skimage = None
try:
    import torch
    import torch.nn.functional as F

    THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
except ImportError:
    torch = None

SIZE, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2


def gaussian_taps():
    offsets = np.arange(SIZE) - SIZE // 2
    taps = np.exp(-(offsets**2) / (2 * SIGMA**2))
    return (taps / taps.sum()).astype(np.float32)


def skimage_call(data, mode):
    """Images one after the other; the gradient is that of the mean over the whole, reflected image."""
    results = [
        structural_similarity(
            x,
            y,
            data_range=1,
            gaussian_weights=True,
            sigma=SIGMA,
            use_sample_covariance=False,
            channel_axis=-1,
            gradient=mode == "gradient",
        )
        for x, y in zip(data["x"], data["y"])
    ]
    if mode == "gradient":
        return np.mean([value for value, _ in results]), None
    return np.mean(results), None


def torch_filter(images, taps):
    channels = images.shape[1]
    images = F.conv2d(images, taps.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)
    return F.conv2d(images, taps.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)


def torch_ssim(x, y, taps):
    """What pytorch-msssim's `ssim` computes: five maps, each filtered along one axis and then the other."""
    mu_x, mu_y = torch_filter(x, taps), torch_filter(y, taps)
    mu_xx, mu_yy, mu_xy = mu_x.pow(2), mu_y.pow(2), mu_x * mu_y
    variance_x = torch_filter(x * x, taps) - mu_xx
    variance_y = torch_filter(y * y, taps) - mu_yy
    covariance = torch_filter(x * y, taps) - mu_xy
    contrast_structure = (2 * covariance + C2) / (variance_x + variance_y + C2)
    luminance = (2 * mu_xy + C1) / (mu_xx + mu_yy + C1)
    return (luminance * contrast_structure).flatten(2).mean(-1).mean(1)


def torch_call(data, mode, threads):
    torch.set_num_threads(threads)
    if mode == "value":
        with torch.no_grad():
            return torch_ssim(data["tx"], data["ty"], data["taps"]).numpy().mean(), None
    values = torch_ssim(data["tx"], data["ty"], data["taps"])
    (gradient,) = torch.autograd.grad((1 - values).sum(), data["ty"])
    return values.detach().numpy().mean(), gradient.numpy()


ROWS = {
    "skimage": skimage_call,
    "torch-1": lambda data, mode: torch_call(data, mode, 1),
    "torch-all": lambda data, mode: torch_call(data, mode, THREADS),
}


def load(batch, height, width, channels, x_file, y_file):
    shape = [int(batch), int(height), int(width), int(channels)]
    data = {name: np.fromfile(file, np.float32).reshape(shape) for name, file in (("x", x_file), ("y", y_file))}
    if torch is not None:
        planes = {name: torch.from_numpy(np.ascontiguousarray(data[name].transpose(0, 3, 1, 2))) for name in "xy"}
        data["tx"], data["ty"] = planes["x"], planes["y"].requires_grad_()
        data["taps"] = torch.from_numpy(gaussian_taps())
    return data


def answer(fields, data):
    command, *rest = fields
    if command == "versions":
        return {
            "python": sys.version.split()[0],
            "skimage": skimage and skimage.__version__,
            "torch": torch and torch.__version__,
            "threads": torch and THREADS,
        }
    if command == "load":
        data.clear()
        data.update(load(*rest))
        return {}
    if command == "check":
        row, mode = rest
        value, gradient = ROWS[row](data, mode)
        if mode == "gradient":
            return {"number": None if gradient is None else float(np.sqrt(np.square(gradient, dtype=np.float64).sum()))}
        return {"number": float(value)}
    if command == "run":
        row, mode, repeats = rest
        start = time.perf_counter_ns()
        for _ in range(int(repeats)):
            ROWS[row](data, mode)
        return {"ms": (time.perf_counter_ns() - start) / 1e6}
    raise ValueError("unknown command " + command)


def main():
    out = os.fdopen(os.dup(1), "w")
    data = {}
    for line in sys.stdin:
        try:
            result = answer(line.rstrip("\n").split("\t"), data)
        except Exception as error:  # reported to the parent, which decides
            result = {"error": "%s: %s" % (type(error).__name__, error)}
        out.write(json.dumps(result) + "\n")
        out.flush()


main()
