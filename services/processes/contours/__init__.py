"""`contours`: lines or areas of a variable, as features."""
