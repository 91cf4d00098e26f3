"""First-party plugin (being built)."""
