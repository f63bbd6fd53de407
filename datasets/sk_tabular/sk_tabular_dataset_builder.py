"""TFDS builder of scikit-learn's packaged tables. Needs no network."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import tensorflow_datasets as tfds

SEED = 0  # of the split


@dataclasses.dataclass
class TableConfig(tfds.core.BuilderConfig):
    """One table.

    Attributes:
        columns: names of the inputs, in the order of scikit-learn.
        classes: names of the classes of "label"; () is a table with a number, "target".
        shares: of the training and of the validation split; the test split is the rest.
    """

    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    shares: tuple[float, float] = (0.6, 0.2)


_CELLS = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness"),
    *("concavity", "concave_points", "symmetry", "fractal_dimension"),
)


class Builder(tfds.core.GeneratorBasedBuilder):
    """Three tables with named columns, in their own units, split at random once and for all."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "As packaged with scikit-learn."}
    # TFDS would look under the import root, and an editable install gives that no real folder.
    code_path = tfds.core.Path(__file__)
    pkg_dir_path = code_path.parent
    BUILDER_CONFIGS = [
        TableConfig(
            name="breast_cancer",
            description="569 tumours, 30 measures of their cell nuclei, malignant or benign.",
            columns=(
                *(f"mean_{cell}" for cell in _CELLS),
                *(f"{cell}_error" for cell in _CELLS),
                *(f"worst_{cell}" for cell in _CELLS),
            ),
            classes=("malignant", "benign"),
            shares=(0.5, 0.1),  # a large test split: differences between strategies are small
        ),
        TableConfig(
            name="diabetes",
            description="442 patients, 10 measures, progression of the disease after a year.",
            columns=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        ),
        TableConfig(
            name="wine",
            description="178 wines of three growers, 13 measures.",
            columns=(
                *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium"),
                *("total_phenols", "flavanoids", "nonflavanoid_phenols", "proanthocyanins"),
                *("color_intensity", "hue", "od280_od315_of_diluted_wines", "proline"),
            ),
            classes=("class_0", "class_1", "class_2"),
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        number = tfds.features.Scalar(dtype=np.float32)
        answer = (
            {"label": tfds.features.ClassLabel(names=config.classes)}
            if config.classes
            else {"target": number}
        )
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "features": dict.fromkeys(config.columns, number),
                    "index": tfds.features.Scalar(dtype=np.int32),
                    **answer,
                }
            ),
            homepage="https://scikit-learn.org/stable/datasets/toy_dataset.html",
            license="see README.md",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        table = self._table()
        total = len(table.target)
        order = np.random.default_rng(SEED).permutation(total)
        train, validation = self.builder_config.shares
        ends = [round(total * train), round(total * (train + validation))]
        parts = np.split(order, ends)
        return {
            split: self._generate_examples(table, np.sort(part))
            for split, part in zip(("train", "validation", "test"), parts, strict=True)
        }

    def _generate_examples(self, table, indices):
        key = "label" if self.builder_config.classes else "target"
        for index in indices.tolist():
            yield (
                index,
                {
                    "features": dict(
                        zip(self.builder_config.columns, table.data[index].tolist(), strict=True)
                    ),
                    "index": index,
                    key: table.target[index].item(),
                },
            )

    def _table(self):
        from sklearn import datasets

        name = self.builder_config.name
        scaled = {"scaled": False} if name == "diabetes" else {}  # raw units
        table = getattr(datasets, f"load_{name}")(**scaled)
        found = tuple(re.sub(r"\W", "_", column) for column in table.feature_names)
        if found != self.builder_config.columns:
            raise ValueError(
                f"{name}: expected the columns {self.builder_config.columns}, and this version of "
                f"scikit-learn has {found}"
            )
        return table
