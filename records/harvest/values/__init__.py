"""Values of harvested metadata: identifiers, languages, licences, places and times."""
