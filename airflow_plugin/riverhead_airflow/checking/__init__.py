"""`riverhead airflow check`: which tasks of a folder of DAG files will have lineage, of what depth, and why not.

A child process imports Airflow and reads each file in a fork (`reader`, `forks`, `dag_file`, `tasks`, `lines`,
`code_clues`); what comes back are plain facts (`facts`), of which everything else here is pure.
"""

__all__: list[str] = []
