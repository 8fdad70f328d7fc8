"""What a product's words mean, as data."""
