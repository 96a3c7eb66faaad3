"""Hidden tests, one folder for each assignment, and the laws that they share (`laws.py`)."""
