"""The world in which the engine is tested: fakes on virtual time, and the live part beside them."""
