"""Long series: a generated product of 34 years of days, by Graticule and by what people use otherwise."""
