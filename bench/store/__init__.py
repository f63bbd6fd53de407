"""Results on disk: their schema, and how they get there whole or not at all."""
