"""From the repository to AWS: package, rehearsal, stacks, and the care of what runs."""
