"""A hotline played on virtual time, with the cores that production runs and nobody on the phone."""
