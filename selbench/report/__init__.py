"""Reports of a run: terminal, markdown, comma-separated values and one self-contained HTML file."""
