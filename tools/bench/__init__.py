"""Measures the platform on this machine: ``make bench``. It asserts nothing and changes no product code."""
