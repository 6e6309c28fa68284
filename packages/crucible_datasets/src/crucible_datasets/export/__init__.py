"""Rows written to files and to other libraries."""
