"""What a condition means: data in, verdict out."""
