"""Never finishes being imported."""
# expect: on=nothing outcome=timeout

while True:
    pass
