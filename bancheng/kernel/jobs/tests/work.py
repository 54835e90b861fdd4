"""A real worker process with the jobs of the fault tests: `python -m bancheng.kernel.jobs.tests.work`."""

import logging
import os
import sys
import time

import django

SCRATCH = """
CREATE TABLE IF NOT EXISTS jobs_tests_begun (name text);
CREATE TABLE IF NOT EXISTS jobs_tests_effect (name text PRIMARY KEY);
TRUNCATE jobs_tests_begun, jobs_tests_effect;
"""


def register():
    """Register the jobs; in the test's own process too, so that it can promise them."""
    from django.db import connection, transaction

    from bancheng.kernel.jobs import public as jobs
    from bancheng.kernel.jobs import registry

    def begin(name):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO jobs_tests_begun VALUES (%s)", (name,))
            cursor.execute("SELECT count(*) FROM jobs_tests_begun WHERE name = %s", (name,))
            return cursor.fetchone()[0]

    def effect(name, seconds=0.0):
        attempt = begin(name)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO jobs_tests_effect VALUES (%s) ON CONFLICT DO NOTHING", (name,))
            if attempt == 1:
                time.sleep(seconds)  # killed here: written, not committed

    def broken(name):
        begin(name)
        raise ValueError(name)

    def twin(name):
        if begin(name) == 1:
            jobs.later("tests.twin", key="twin", name=name)
            raise ValueError("after promising its like")
        effect(name)

    def ticked():
        begin("ticked")

    for function in (effect, broken, twin, ticked):
        name = f"tests.{function.__name__}"
        registry.SPECS.pop(name, None)
        jobs.job(name, attempts=2 if function is broken else 8)(function)


def main():
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    django.setup()
    register()
    from bancheng.kernel.jobs import registry, worker

    registry.SCHEDULE.clear()
    if os.environ.get("TESTS_TICK"):
        registry.schedule("tests.ticked", "* * * * * *")  # the sixth field: every second
    return worker.run(concurrency=int(os.environ.get("TESTS_CONCURRENCY", "3")), heartbeat=0.5)


if __name__ == "__main__":
    sys.exit(main())
