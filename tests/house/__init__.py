"""Tests of the house: its rooms, scripts and documents."""
