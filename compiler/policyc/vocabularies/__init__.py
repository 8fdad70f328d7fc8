"""What a product's words mean, as data."""

from policyc.vocabularies.known_values import KnownValue, known_value, value_at_end
from policyc.vocabularies.vocabulary import NAMES, OWN_KEYS, Image, Meaning, Package, Remark, Vocabulary, Word, load_vocabulary

__all__ = [
    "NAMES",
    "OWN_KEYS",
    "Image",
    "KnownValue",
    "Meaning",
    "Package",
    "Remark",
    "Vocabulary",
    "Word",
    "known_value",
    "load_vocabulary",
    "value_at_end",
]
