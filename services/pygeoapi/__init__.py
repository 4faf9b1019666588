"""Everything that touches pygeoapi, both ways round.

* `bridge` calls pygeoapi's core in process, for the application.
* `record_provider`, `manager` and `process` are plugins: any pygeoapi that reads them from its configuration serves
  the records and processes of a Graticule database (docs/pygeoapi.md). The application uses the same plugins.

Which way the application answers, route by route:

* **An execution of a process** goes through pygeoapi's core and `manager`.
* **One record** comes from `record_provider`, called directly: the core would escape `<` and `>` and add links to
  formats that are not served.
* **A search of records** is answered by `services.apis.records`: the core knows neither facets nor cursors.
* **Lists and descriptions of processes, jobs and their results** are read from the registry and the jobs table.

`tests/oracles` holds that the core gives the same answers wherever it is passed by.
"""
