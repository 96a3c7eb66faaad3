"""Semantic segmentation: the files you edit."""
