"""API v3: JSON over signed HTTP, RSA-SHA256, resources sealed with AES-256-GCM."""
