"""Finders of values in plain text: each gives spans with `text[start:end]` and the normalised value.

Pure functions without a message, a database or a clock; word lists are JSON files in `data/`.
"""
