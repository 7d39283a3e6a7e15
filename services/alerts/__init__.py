"""Cases: how they are raised, decided, watched for and sent to people."""
