"""The matrix of an estate: which collections can meet, and what they fight over."""

from policyc.matrix.estate import Cell, Clash, Matrix, Side, matrix

__all__ = ["Cell", "Clash", "Matrix", "Side", "matrix"]
