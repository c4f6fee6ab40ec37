"""One Adam step of the paper's autoencoder in PyTorch, as a child process: a line of fields between tabs in, a line of JSON out.

    versions             {"torch": "1.13.0"}
    build size width     {}
    step                 {"ms": of one thread's CPU time}
"""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
TABLE = [(32, 4, 2), (32, 4, 2), (32, 3, 1), (64, 4, 2), (64, 3, 1), (128, 4, 2), (64, 3, 1), (32, 3, 1)]
LATENT, BATCH = 100, 16


def network(size, width):
    layers, channels = [], [1]
    for filters, kernel, stride in TABLE:
        channels.append(int(filters * width))
        layers += [nn.Conv2d(channels[-2], channels[-1], kernel, stride, 1), nn.LeakyReLU(0.2)]
    left = size // 16
    layers += [nn.Conv2d(channels[-1], LATENT, left), nn.ConvTranspose2d(LATENT, channels[-1], left), nn.LeakyReLU(0.2)]
    for place in reversed(range(len(TABLE))):
        _, kernel, stride = TABLE[place]
        layers.append(nn.ConvTranspose2d(channels[place + 1], channels[place], kernel, stride, 1))
        if place > 0:
            layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers)


def step(model, optimizer, images):
    start = time.process_time()
    optimizer.zero_grad()
    ((model(images) - images) ** 2).mean().backward()
    optimizer.step()
    return 1000 * (time.process_time() - start)


def main():
    state = None
    for line in sys.stdin:
        command, *rest = line.rstrip("\n").split("\t")
        answer = {}
        if command == "versions":
            answer = {"torch": torch.__version__}
        elif command == "build":
            size, width = int(rest[0]), float(rest[1])
            model = network(size, width)
            state = model, torch.optim.Adam(model.parameters(), 1e-4), torch.rand(BATCH, 1, size, size)
        elif command == "step":
            answer = {"ms": step(*state)}
        print(json.dumps(answer), flush=True)


main()
