"""The process `plot`: maps, charts over time, Hovmöller diagrams and sections of one field."""
