"""Patches of the two photographs packaged with scikit-learn, for TFDS."""
