"""Segmentation by grouping: the files you edit."""
