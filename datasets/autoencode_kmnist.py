"""Classification and reconstruction of cursive Japanese characters, many shapes in a class."""

from .core.reconstruction import reconstruction

task = reconstruction(
    "kmnist",
    (28, 28, 1),
    summary="Classify and reconstruct Kuzushiji-MNIST through a code of 16 numbers.",
    chance=0.1,  # every class has 1000 test pictures
)
