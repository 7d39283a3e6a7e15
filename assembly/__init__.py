"""Builds every object once and wires it; opens the database; runs the product and checks it."""
