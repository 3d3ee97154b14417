"""What a person sees of a batch: progress while it runs, manifest, gallery and CSV at its end."""
