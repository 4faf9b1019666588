"""Parts of series by time: which there should be, and making them of the COGs of a published dataset."""
