"""Tables for people, and the files and terminals that they go to."""
