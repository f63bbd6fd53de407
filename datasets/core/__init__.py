"""What task files share."""
