"""Presenters (呈现): what screens and command line both use; no Kivy, no SQL, no HTTP."""
