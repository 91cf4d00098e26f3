"""The field's scanners: published statistics along a locus, exact to the programs that compute them."""
