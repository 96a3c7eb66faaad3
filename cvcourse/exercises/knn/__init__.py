"""k-nearest neighbours: the files you edit."""
