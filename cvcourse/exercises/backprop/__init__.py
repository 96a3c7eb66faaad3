"""Backpropagation and training: the files you edit."""
