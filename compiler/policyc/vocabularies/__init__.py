"""What a product's words mean, as data."""

from policyc.vocabularies.vocabulary import NAMES, Meaning, Package, Remark, Vocabulary, Word, load_vocabulary

__all__ = ["NAMES", "Meaning", "Package", "Remark", "Vocabulary", "Word", "load_vocabulary"]
