"""Passes over the whole project."""
