"""Worker processes: how one starts, talks and dies, and a pool of them."""
