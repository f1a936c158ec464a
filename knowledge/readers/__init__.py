"""Readers of the manual's formats: each turns a file into headings, paragraphs, list items and tables."""
