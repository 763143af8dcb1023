"""What the store asks of SQLite. `{where}` stands for the conditions of a `Filter`."""

UPSERT = """
INSERT INTO tally (camera, measure, subject, part, start_unix_s, width_s, run, total_milli, exposure_milli, unsafe,
                   epoch)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    total_milli = excluded.total_milli, exposure_milli = excluded.exposure_milli, unsafe = excluded.unsafe,
    epoch = excluded.epoch
WHERE excluded.epoch >= epoch
"""

# Below is the rule of `core.tallies.merge`, add but keep the largest of peaks; tests/property/test_store_merge.py
# holds both together.
QUERY = """
SELECT camera, measure, subject, part, start_unix_s / width * width AS start, width,
       CASE measure WHEN :peak THEN max(total_milli) ELSE sum(total_milli) END, sum(exposure_milli), max(unsafe)
FROM (SELECT *, max(width_s, :width) AS width FROM tally)
WHERE {where}
GROUP BY camera, measure, subject, part, start, width
ORDER BY start, camera, measure, subject, part, width
LIMIT :limit
"""

SUMS = """
SELECT camera, measure, subject, part, CASE measure WHEN :peak THEN max(total_milli) ELSE sum(total_milli) END,
       sum(exposure_milli), min(start_unix_s), max(start_unix_s + width_s)
FROM tally
WHERE {where}
GROUP BY camera, measure, subject, part
ORDER BY camera, measure, subject, part
"""

COURSES = """
SELECT camera, measure, subject, part, CASE measure WHEN :peak THEN max(total_milli) ELSE sum(total_milli) END,
       sum(exposure_milli), min(start_unix_s), max(start_unix_s + width_s), start_unix_s / :width * :width AS step,
       max(width_s)
FROM tally
WHERE {where}
GROUP BY camera, measure, subject, part, step
"""

EARLIEST = "SELECT min(start_unix_s) FROM tally WHERE {where}"

STEPS = """
SELECT (start_unix_s - :first) / :step AS number,
       CASE measure WHEN :peak THEN max(total_milli) ELSE sum(total_milli) END, sum(exposure_milli)
FROM tally
WHERE {where}
GROUP BY number
"""

LAST_RUN = "SELECT coalesce(max(run), 0) FROM tally"

AGES = """
SELECT EXISTS(SELECT 1 FROM tally WHERE start_unix_s < :yesterday),
       EXISTS(SELECT 1 FROM tally WHERE start_unix_s < :yesterday AND start_unix_s >= :yesterday - 35 * 86400)
"""

UNSAFE = "SELECT 1 FROM tally WHERE {where} AND unsafe LIMIT 1"

ROLL_UP = """
INSERT INTO tally (camera, measure, subject, part, start_unix_s, width_s, run, total_milli, exposure_milli, unsafe)
SELECT camera, measure, subject, part, start_unix_s / :hour * :hour, :hour, :rolled_up,
       CASE measure WHEN :peak THEN max(total_milli) ELSE sum(total_milli) END, sum(exposure_milli), max(unsafe)
FROM tally WHERE start_unix_s < :before AND run <> :rolled_up
GROUP BY camera, measure, subject, part, start_unix_s / :hour
ON CONFLICT DO UPDATE SET
    total_milli = CASE measure WHEN :peak THEN max(total_milli, excluded.total_milli)
                               ELSE total_milli + excluded.total_milli END,
    exposure_milli = exposure_milli + excluded.exposure_milli,
    unsafe = max(unsafe, excluded.unsafe)
"""
