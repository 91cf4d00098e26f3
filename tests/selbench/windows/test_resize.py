"""The resize taps, held against scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import resize

from selbench.windows.resize import resize_taps

sizes = st.integers(1, 300)


def resized(image, shape):
    for axis, new_size in enumerate(shape):
        index, weight = resize_taps(image.shape[axis], new_size)
        image = np.moveaxis((np.moveaxis(image, axis, 0)[index] * weight[..., None]).sum(axis=1), 0, axis)
    return image


@given(size=sizes, new_size=sizes, seed=st.integers(0, 99))
def test_one_axis_equals_scikit_image(size, new_size, seed):
    image = np.random.default_rng(seed).random((size, 2))
    expected = resize(image, (new_size, 2), order=1, mode="reflect", anti_aliasing=True)
    np.testing.assert_allclose(resized(image, (new_size, 2)), expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(48, 14), (128, 284), (200, 1), (5, 700), (3, 5000)])
def test_both_axes_equal_scikit_image(shape):
    image = np.random.default_rng(1).random(shape)
    expected = resize(image, (128, 96), order=1, mode="reflect", anti_aliasing=True)
    np.testing.assert_allclose(resized(image, (128, 96)), expected, atol=1e-12)


def test_an_axis_that_keeps_its_size_needs_one_tap():
    index, weight = resize_taps(128, 128)
    np.testing.assert_array_equal(index[:, 0], np.arange(128))
    np.testing.assert_array_equal(weight, np.ones((128, 1)))
