"""Small tables as packaged with scikit-learn, for TFDS."""
