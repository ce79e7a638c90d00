"""The sync: plan, window, folding, batches, delivery, checkpoints. Knows entries and outcomes, not HTTP."""
