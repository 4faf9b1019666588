"""Record documents: the stored form, the served form, and the forms that clients write."""
