"""Words set on pictures: faces, lines, their place, and how they are drawn."""
