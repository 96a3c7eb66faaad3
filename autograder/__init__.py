"""autograder: the instructor's side: release, grade in isolation, feed back."""
