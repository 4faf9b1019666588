"""Export: a record of the catalogue in the formats of others, one module a format behind one protocol.

`making.export_record` gives what every format is written from, `registry.EXPORTS` names the formats. The writers are
the counterparts of the readers in `records.harvest`.
"""
