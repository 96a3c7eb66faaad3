"""ResNets, and training that generalises: the files you edit."""
