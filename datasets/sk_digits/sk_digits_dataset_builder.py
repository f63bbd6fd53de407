"""TFDS builder of scikit-learn's packaged handwritten digits. Needs no network."""

from __future__ import annotations

import numpy as np
import tensorflow_datasets as tfds

BLOCKS = 13
SPLITS = {"train": range(9), "validation": range(9, 11), "test": range(11, 13)}


class Builder(tfds.core.GeneratorBasedBuilder):
    """1797 digits of 8x8 pixels with values 0 to 16, split by block of writing order."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "As packaged with scikit-learn."}
    # TFDS would look under the import root, and an editable install gives that no real folder.
    code_path = tfds.core.Path(__file__)
    pkg_dir_path = code_path.parent

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(num_classes=10),
                    "block": tfds.features.Scalar(dtype=np.int32),
                    "index": tfds.features.Scalar(dtype=np.int32),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            license="CC BY 4.0 (UCI Machine Learning Repository)",
            # The order of the source is kept: "train[:50%]" is then whole blocks of writers.
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        return {split: self._generate_examples(blocks) for split, blocks in SPLITS.items()}

    def _generate_examples(self, blocks):
        from sklearn.datasets import load_digits

        digits = load_digits()
        total = len(digits.target)
        for index, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
            block = index * BLOCKS // total
            if block in blocks:
                yield (
                    index,
                    {
                        "image": image.astype(np.uint8)[..., None],
                        "label": int(label),
                        "block": block,
                        "index": index,
                    },
                )
