"""Lists in sentences."""

from lossbench.bench.text.words import enumerate_


def test_a_sentence_names_the_first_few():
    assert enumerate_(list("abc"), most=2) == "a, b and 1 more"
    assert enumerate_(list("ab"), most=2) == "a, b"
