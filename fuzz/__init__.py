"""Coverage-guided fuzzing of what reads input: `scripts/fuzz`. What must hold is in `properties`, which unit tests use too."""
