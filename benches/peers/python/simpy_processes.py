"""The works as processes of SimPy.

The queue comes in two forms: a process per job that requests a resource, as SimPy's own examples have
it, and `store`, one process that serves whatever a store holds, which is faster.

simpy_processes.py WORK EVENTS [store]: prints how many events were handled and the seconds on a processor.
"""

import random
import sys
import time

import simpy

handled = 0


def collector(env):
    global handled
    while True:
        yield env.timeout(random.expovariate(1.0))
        handled += 1


def job(env, server, sojourn):
    global handled
    arrival = env.now
    with server.request() as request:
        yield request
        yield env.timeout(random.expovariate(1.0 / 0.9))
    handled += 1
    sojourn[0] += env.now - arrival


def arrivals(env, server, sojourn):
    global handled
    while True:
        yield env.timeout(random.expovariate(1.0))
        handled += 1
        env.process(job(env, server, sojourn))


def stored_arrivals(env, jobs):
    global handled
    while True:
        yield env.timeout(random.expovariate(1.0))
        handled += 1
        yield jobs.put(env.now)


def store_server(env, jobs, sojourn):
    global handled
    while True:
        arrival = yield jobs.get()
        yield env.timeout(random.expovariate(1.0 / 0.9))
        handled += 1
        sojourn[0] += env.now - arrival


def timer(env, timers, index):
    global handled
    while True:
        try:
            yield env.timeout(random.expovariate(1.0))
        except simpy.Interrupt:
            continue
        handled += 1
        other = random.randrange(len(timers))
        if other != index:  # A process may not interrupt itself.
            timers[other].interrupt()


def begin(env, work, form):
    """Starts a work; returns its events per simulated second."""
    if work == "single-server" and form == ["store"]:
        jobs = simpy.Store(env)
        env.process(stored_arrivals(env, jobs))
        env.process(store_server(env, jobs, [0.0]))
        return 2.0
    if work == "single-server":
        env.process(arrivals(env, simpy.Resource(env), [0.0]))
        return 2.0
    if work == "timers-100000":
        timers = []
        for index in range(100_000):
            timers.append(env.process(timer(env, timers, index)))
        return 100_000.0
    count = {"hold-10^3": 1_000, "hold-2^16": 1 << 16}[work]
    for _ in range(count):
        env.process(collector(env))
    return float(count)


def main():
    global handled
    work, events = sys.argv[1], int(sys.argv[2])
    random.seed(1)
    env = simpy.Environment()
    length = events / begin(env, work, sys.argv[3:])
    env.run(until=length / 4)
    handled, start = 0, time.process_time()
    env.run(until=length * 5 / 4)
    print(handled, time.process_time() - start)


main()
