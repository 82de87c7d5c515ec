"""From what others publish to a folder library: nothing refused in silence, nothing decided alone."""
