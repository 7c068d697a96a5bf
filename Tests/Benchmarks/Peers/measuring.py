"""How a peer is measured: one line of JSON with amount, seconds of each repetition, peakMegabytes, otherCores."""

import json
import os
import resource
import time


def busy():
    fields = [float(x) for x in open("/proc/stat").readline().split()[1:]]
    return sum(x for i, x in enumerate(fields) if i not in (3, 4) and i < 8)


def own():
    fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
    return float(fields[11]) + float(fields[12])


def measure(amount, repeats, body):
    def timed():
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            body()
            seconds.append(time.perf_counter() - start)
        return seconds

    report(amount, timed)


def report(amount, timed):
    """Prints what `timed` gives, seconds of each repetition, and how busy others kept the machine meanwhile."""
    before, mine, begun = busy(), own(), time.time()
    seconds = timed()
    ticks = (time.time() - begun) * os.sysconf("SC_CLK_TCK")
    others = max(0.0, (busy() - before - (own() - mine)) / ticks) if ticks > 5 else 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"amount": amount, "seconds": seconds, "peakMegabytes": peak, "otherCores": others}))
