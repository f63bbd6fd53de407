"""Worker processes: how one starts, answers and dies, and a pool of them."""
