"""Statistics of paired comparisons: arrays in, numbers out."""
