"""What runs in the child that holds readers of others; of it the parent imports ``frames`` alone."""
