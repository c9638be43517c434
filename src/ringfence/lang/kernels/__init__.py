"""Kernels: what is computed on raw values where one label goes over all of them."""
