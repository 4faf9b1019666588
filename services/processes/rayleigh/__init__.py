"""Rayleigh scattering: tables of reflectance by radiative transfer, and the correction of bands with them."""
