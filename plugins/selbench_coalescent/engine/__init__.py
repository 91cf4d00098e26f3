"""The coalescent engine: compiled code, and the one function that the simulators call."""
