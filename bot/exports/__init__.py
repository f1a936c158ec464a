"""Figures as files: charts and workbooks."""
