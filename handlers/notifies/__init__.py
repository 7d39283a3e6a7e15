"""The notifies of WeChat as HTTP: the fast door, and what Tornado's server hands over."""
