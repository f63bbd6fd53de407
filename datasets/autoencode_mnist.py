"""Classification and reconstruction of handwritten digits: document 004's case at full size."""

from .core.reconstruction import reconstruction

task = reconstruction(
    "mnist",
    (28, 28, 1),
    summary="Classify and reconstruct MNIST through a code of 16 numbers.",
    chance=0.1135,  # 1135 of the 10,000 test digits are ones, the most frequent training digit
)
