"""One file for each step; each is written out in full and never changed afterwards."""
