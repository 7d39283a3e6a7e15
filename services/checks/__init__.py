"""Checks of the installation, of the merchant accounts and of health."""
