"""The resize matrices, held against scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import resize

from selbench_imagene.resize import resize_matrix

sizes = st.integers(1, 300)


@given(size=sizes, new_size=sizes, seed=st.integers(0, 99))
def test_one_axis_equals_scikit_image(size, new_size, seed):
    image = np.random.default_rng(seed).random((size, 2))
    expected = resize(image, (new_size, 2), order=1, mode="reflect", anti_aliasing=True)
    np.testing.assert_allclose(resize_matrix(size, new_size) @ image, expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(48, 14), (128, 284), (200, 1), (5, 700)])
def test_both_axes_equal_scikit_image(shape):
    image = np.random.default_rng(1).random(shape)
    expected = resize(image, (128, 96), order=1, mode="reflect", anti_aliasing=True)
    found = resize_matrix(shape[0], 128) @ image @ resize_matrix(shape[1], 96).T
    np.testing.assert_allclose(found, expected, atol=1e-12)
