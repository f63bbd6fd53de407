"""Handwritten digits as packaged with scikit-learn, for TFDS."""
