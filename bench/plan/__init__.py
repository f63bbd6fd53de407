"""What is asked for: a request, its tasks, and the cells that answer it."""
