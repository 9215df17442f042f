"""Alerts: who is told of what, when, in which words; a module for each channel."""
