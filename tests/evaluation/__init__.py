"""Measurements on evaluation data that lies beside the project; skipped where there is none."""
