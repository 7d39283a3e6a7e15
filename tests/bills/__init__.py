"""Tests of WeChat's bills."""
