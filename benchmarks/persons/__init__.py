"""Compares detectors of persons by what counting needs."""
