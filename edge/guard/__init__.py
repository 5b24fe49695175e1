"""The guard: owns the drives, and grants motion for a moment at a time. It is simpler than the sorter, and apart from it."""
