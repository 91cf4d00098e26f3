"""Where bytes of strangers meet the libraries that parse them.

Each file calls one of them: json, TOML, parquet, zip and ``.npz`` archives,
gzip, PNG, tree sequences, VCF, BCF and VCF Zarr. Formats and sizes are closed before the
library sees a byte, and whatever it raises becomes a `DataError` that names the
file and the place. Nothing else in selbench calls these libraries to read.
"""
