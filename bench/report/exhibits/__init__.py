"""What figures and tables have in common: a name, a place in the page, a caption, files."""
