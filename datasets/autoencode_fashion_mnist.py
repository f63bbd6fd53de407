"""Classification and reconstruction of clothes, which are harder to tell apart than digits."""

from .core.reconstruction import reconstruction

task = reconstruction(
    "fashion_mnist",
    (28, 28, 1),
    summary="Classify and reconstruct Fashion-MNIST through a code of 16 numbers.",
    chance=0.1,  # every class has 1000 test pictures
)
