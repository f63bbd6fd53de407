"""Classification and reconstruction of photographs: most of a picture says little of its class."""

from .core.reconstruction import reconstruction

task = reconstruction(
    "cifar10",
    (32, 32, 3),
    summary="Classify CIFAR-10 and reconstruct it at half size through a code of 16 numbers.",
    chance=0.1,  # every class has 1000 test pictures
    steps=3000,
    half=True,
)
