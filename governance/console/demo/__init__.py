"""The demonstration: one real street, synthetic people, and one tablet's day offline and back."""
