"""A results folder, checked and in memory."""
