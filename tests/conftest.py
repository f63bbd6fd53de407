"""What all tests share: collections are rare, else the tests that trace take a fifth longer."""

import gc

gc.set_threshold(100_000, 20, 20)
