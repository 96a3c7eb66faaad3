"""Losses and linear classifiers: the files you edit."""
