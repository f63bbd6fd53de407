"""TFDS builder of patches of scikit-learn's two photographs. Needs no network."""

from __future__ import annotations

import numpy as np
import tensorflow_datasets as tfds

PHOTOS = ("china.jpg", "flower.jpg")
TILE = 80
PATCH = 16
STRIDE = 8
MARGIN = 8  # of held-out tiles: what lies next to a training tile is all but known
SHARES = {"train": 3, "validation": 1, "test": 1}
SEED = 0  # of the deal


class Builder(tfds.core.GeneratorBasedBuilder):
    """Colour patches of 16x16 pixels; each tile of a photograph belongs to one split."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "As packaged with scikit-learn."}
    # TFDS would look under the import root, and an editable install gives that no real folder.
    code_path = tfds.core.Path(__file__)
    pkg_dir_path = code_path.parent

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Tensor(shape=(PATCH, PATCH, 3), dtype=np.uint8),
                    "photo": tfds.features.ClassLabel(names=["china", "flower"]),
                    "row": tfds.features.Scalar(dtype=np.int32),
                    "column": tfds.features.Scalar(dtype=np.int32),
                }
            ),
            supervised_keys=("image", "photo"),
            homepage="https://scikit-learn.org/stable/datasets/loading_other_datasets.html",
            license="CC BY 2.0; attribution in README.md",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        return {split: self._generate_examples(split) for split in SHARES}

    def _generate_examples(self, split):
        from sklearn.datasets import load_sample_image

        margin = 0 if split == "train" else MARGIN
        key = 0
        for photo, name in enumerate(PHOTOS):
            pixels = load_sample_image(name)
            for top, left in deal(pixels.shape, photo)[split]:
                last = TILE - margin - PATCH
                for row in range(top + margin, top + last + 1, STRIDE):
                    for column in range(left + margin, left + last + 1, STRIDE):
                        yield (
                            key,
                            {
                                "image": pixels[row : row + PATCH, column : column + PATCH],
                                "photo": photo,
                                "row": row,
                                "column": column,
                            },
                        )
                        key += 1


def deal(shape: tuple[int, ...], photo: int) -> dict[str, list[tuple[int, int]]]:
    """Corners of the tiles of each split: whole tiles, dealt at random, 3 : 1 : 1."""
    corners = [
        (top, left)
        for top in range(0, shape[0] - TILE + 1, TILE)
        for left in range(0, shape[1] - TILE + 1, TILE)
    ]
    order = np.random.default_rng([SEED, photo]).permutation(len(corners)).tolist()
    unit = len(corners) / sum(SHARES.values())
    tiles, begin = {}, 0
    for split, share in SHARES.items():
        end = begin + round(unit * share)
        tiles[split] = [corners[i] for i in sorted(order[begin:end])]
        begin = end
    return tiles
