"""Convolutional networks: the files you edit."""
