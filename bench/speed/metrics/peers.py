"""scikit-learn, scikit-image, SciPy and OpenCV, as a child process: a line of fields between tabs in, JSON out.

    versions                                   {"sklearn": "1.2.1" or null, ...}
    run peer task runs folder side height      {"value": , "times": ms between spaces, "mebibytes": above the data}
"""

import json
import sys
import time

import numpy as np

modules = {}
for name in ("sklearn.metrics", "skimage.measure", "skimage.morphology", "scipy.ndimage", "cv2"):
    try:
        modules[name] = __import__(name, fromlist=["_"])
    except ImportError:
        modules[name] = None


def disk(radius):
    offsets = np.arange(-radius, radius + 1)
    return (offsets[:, None] ** 2 + offsets**2 <= radius**2).astype(np.uint8)


def au_pro(maps, masks, limit=0.3):
    """Regions by scikit-image, then one sort of all pixels and running sums, as MVTec's own evaluation."""
    weights = np.zeros(masks.shape)
    regions = 0
    for mask, weight in zip(masks, weights):
        labels, count = modules["skimage.measure"].label(mask, connectivity=2, return_num=True)
        areas = np.bincount(labels.ravel())
        weight[labels > 0] = 1 / areas[labels[labels > 0]]
        regions += count
    order = np.argsort(maps.ravel())[::-1]
    scores = maps.ravel()[order]
    fpr = np.cumsum(masks.ravel()[order] == 0, dtype=np.float64)
    fpr /= fpr[-1]
    pro = np.cumsum(weights.ravel()[order]) / regions
    ends = np.append(np.diff(scores) != 0, True)
    fpr, pro = np.append(0, fpr[ends]), np.append(0, pro[ends])
    k = np.searchsorted(fpr, limit, side="right")
    x, y = fpr[:k], pro[:k]
    if k < len(fpr) and x[-1] < limit:
        end = pro[k - 1] + (pro[k] - pro[k - 1]) * (limit - fpr[k - 1]) / (fpr[k] - fpr[k - 1])
        x, y = np.append(x, limit), np.append(y, end)
    return np.trapz(y, x) / limit


def all_of_regions(ndimage, mask):
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    np.bincount(labels.ravel())
    ndimage.find_objects(labels)
    ndimage.center_of_mass(mask, labels, np.arange(1, count + 1))
    return count


def call_of(peer, task, folder, side, height):
    def load(name, dtype):
        return np.fromfile(f"{folder}/{name}", dtype)

    if task == "rocAuc":
        scores, labels = load("scores", np.float32), load("labels", np.uint8)
        return lambda: modules["sklearn.metrics"].roc_auc_score(labels, scores)
    if task == "auPro":
        maps = load("maps", np.float32).reshape(-1, side, side)
        masks = load("masks", np.uint8).reshape(-1, side, side)
        return lambda: au_pro(maps, masks)
    mask = load("mask", np.uint8).reshape(height, height)
    if task == "regions":
        if peer == "scipy":
            return lambda: modules["scipy.ndimage"].label(mask, np.ones((3, 3)))[1]
        if peer == "skimage":
            return lambda: modules["skimage.measure"].label(mask, connectivity=2, return_num=True)[1]
        return lambda: modules["cv2"].connectedComponentsWithStats(mask, connectivity=8)[0] - 1
    if task == "allOfRegions":
        if peer == "cv2":
            return lambda: modules["cv2"].connectedComponentsWithStats(mask, connectivity=8)[0] - 1
        return lambda: all_of_regions(modules["scipy.ndimage"], mask)
    radius = int(task[4:])
    if peer == "skimage":
        image = mask.astype(bool)
        return lambda: modules["skimage.morphology"].binary_opening(image, disk(radius)).sum()
    if peer == "scipy":
        edt = modules["scipy.ndimage"].distance_transform_edt
        return lambda: (edt(edt(mask) <= radius) <= radius).sum()
    cv2 = modules["cv2"]
    kernel = disk(radius)
    return lambda: cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel).sum()


def memory(name):
    """MiB of this process, from Linux: now, or at most since the peak was reset."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


for line in sys.stdin:
    command, *fields = line.rstrip("\n").split("\t")
    try:
        if command == "versions":
            found = {
                name.split(".")[0]: __import__(name.split(".")[0]).__version__ if module else None
                for name, module in modules.items()
            }
            answer = {**found, "numpy": np.__version__}
        else:
            peer, task, runs, folder, side, height = fields
            call = call_of(peer, task, folder, int(side), int(height))
            with open("/proc/self/clear_refs", "w") as peak:
                peak.write("5")
            before, times = memory("VmRSS"), []
            for _ in range(int(runs)):
                start = time.perf_counter()
                value = call()
                times.append((time.perf_counter() - start) * 1000)
            answer = {
                "value": float(value),
                "times": " ".join(map(str, times)),
                "mebibytes": memory("VmHWM") - before,
            }
    except Exception as error:  # said to the parent
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
