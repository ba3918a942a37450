"""Pure rules of playing: units, passages, the play queue, player states. Standard library only."""
