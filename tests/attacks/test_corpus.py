"""Every file of the corpus is refused by the check it was written for."""

import pytest
from attacks.containers import CONTAINERS
from attacks.files import FLOAT, GOOD, PLAIN
from attacks.metadata import CONFIG, METADATA
from attacks.tensors import SHAPES, VALUES, VOCABULARY

from tiny_dancer import BundleError
from tiny_dancer.model import read_bundle, read_model

PARTS = (CONTAINERS, METADATA, CONFIG, SHAPES, VALUES, VOCABULARY)
CORPUS = {name: attack for part in PARTS for name, attack in part.items()}


@pytest.mark.parametrize(("data", "fault"), CORPUS.values(), ids=CORPUS)
def test_a_bad_file_is_refused_by_the_check_it_was_written_for(data, fault):
    with pytest.raises(BundleError, match=fault) as refused:
        read_bundle(data)
    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()


def test_a_float_model_is_told_what_it_lacks():
    assert read_model(FLOAT).is_float
    with pytest.raises(BundleError, match="quantize it first"):
        read_bundle(FLOAT)


def test_the_files_that_were_damaged_are_good():
    for data in (GOOD, PLAIN):
        assert read_bundle(data).n_bytes == len(data)
    assert len(CORPUS) == sum(map(len, PARTS))
