"""Jobs on the workers of a Dask cluster. Needs ``selbench[dask]``, imported when a cluster is asked for."""
