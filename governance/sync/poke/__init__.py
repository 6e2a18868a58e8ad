"""Pokes (唤醒): tablets with a line open hear within moments that their streams have moved.

Runs in a process of its own on an event loop, where an open line costs memory but no thread.
"""
