"""Prints when each time zone of the system's tz database turns its clock, as Python's zoneinfo has it.

A line for each zone: its name, then pairs of a second since 1970 and the offset from UTC that holds from it on. The first
pair is of the range's beginning.
"""
import datetime
import zoneinfo

zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])
FIRST, LAST = 0, int(datetime.datetime(2060, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
# No clock is turned twice within so many seconds, but for a Ramadan's weeks, which are longer.
STEP = 15 * 86400


def offset(zone, second):
    moment = datetime.datetime.fromtimestamp(second, datetime.timezone.utc)
    return int(moment.astimezone(zone).utcoffset().total_seconds())


def turn(zone, low, high):
    """The first second of the offset that holds at `high`."""
    goal = offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset(zone, middle) == goal else (middle, high)
    return high


# `localtime` is this machine's, and none of the database.
for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
    zone = zoneinfo.ZoneInfo(name)
    last = offset(zone, FIRST)
    pairs = [f"{FIRST} {last}"]
    for second in range(FIRST, LAST, STEP):
        found = offset(zone, second + STEP)
        if found != last:
            pairs.append(f"{turn(zone, second, second + STEP)} {found}")
            last = found
    print(name, *pairs)
