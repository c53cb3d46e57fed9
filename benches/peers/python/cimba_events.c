/*
 * The works on the events of Cimba, in C, against the library inside its wheel. The wheel ships no
 * headers; these are the few declarations needed, as documented in Cimba's cmb_event.h.
 *
 * cimba_events WORK EVENTS: prints how many events were handled and the seconds on a processor.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void cmb_event_func(void *subject, void *object);
extern double cmb_time(void);
extern void cmb_event_queue_initialize(double start_time);
extern uint64_t cmb_event_schedule(cmb_event_func *action, void *subject, void *object,
                                   double time, int64_t priority);
extern void cmb_event_reschedule(uint64_t handle, double time);
extern bool cmb_event_execute_next(void);
extern void cmb_random_initialize(uint64_t seed);
extern uint64_t cmb_random_sfc64(void);
extern double cpy_random_exponential(double mean);

static double after(double mean) { return cmb_time() + cpy_random_exponential(mean); }

/* hold */

static void collector_started(void *collector, void *unused)
{
    cmb_event_schedule(collector_started, collector, unused, after(1.0), 0);
}

static void begin_hold(uint64_t count)
{
    for (uint64_t index = 0; index < count; index++)
        collector_started((void *)index, NULL);
}

/* M/M/1: arrivals wait in a ring, as in the Rust workload. */

static double *arrivals;
static uint64_t ring_length = 4, first, waiting;
static double sojourn_sum;

static void job_ended(void *unused, void *unused_too);

static void push_arrival(double now)
{
    if (waiting == ring_length) {
        double *larger = malloc(2 * ring_length * sizeof *larger);
        for (uint64_t index = 0; index < waiting; index++)
            larger[index] = arrivals[(first + index) & (ring_length - 1)];
        free(arrivals);
        arrivals = larger;
        ring_length *= 2;
        first = 0;
    }
    arrivals[(first + waiting++) & (ring_length - 1)] = now;
}

static void job_arrived(void *unused, void *unused_too)
{
    push_arrival(cmb_time());
    cmb_event_schedule(job_arrived, NULL, NULL, after(1.0), 0);
    if (waiting == 1)
        cmb_event_schedule(job_ended, NULL, NULL, after(0.9), 0);
}

static void job_ended(void *unused, void *unused_too)
{
    sojourn_sum += cmb_time() - arrivals[first];
    first = (first + 1) & (ring_length - 1);
    if (--waiting > 0)
        cmb_event_schedule(job_ended, NULL, NULL, after(0.9), 0);
}

static void begin_server(void)
{
    arrivals = malloc(ring_length * sizeof *arrivals);
    cmb_event_schedule(job_arrived, NULL, NULL, after(1.0), 0);
}

/* Timers: the other one is moved in place, which is what Cimba's hash heap is for. */

static uint64_t *handles;
static uint64_t timer_count;

static void collector_interrupted(void *collector, void *unused)
{
    uint64_t index = (uint64_t)collector;
    handles[index] = cmb_event_schedule(collector_interrupted, collector, unused, after(1.0), 0);
    uint64_t other = ((cmb_random_sfc64() >> 32) * timer_count) >> 32;
    cmb_event_reschedule(handles[other], after(1.0));
}

static void begin_timers(uint64_t count)
{
    timer_count = count;
    handles = malloc(count * sizeof *handles);
    for (uint64_t index = 0; index < count; index++)
        handles[index] = cmb_event_schedule(collector_interrupted, (void *)index, NULL, after(1.0), 0);
}

static double handle(uint64_t events)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (uint64_t index = 0; index < events; index++)
        cmb_event_execute_next();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    const char *work = arguments[1];
    uint64_t events = strtoull(arguments[2], NULL, 10);
    cmb_random_initialize(1);
    cmb_event_queue_initialize(0.0);
    if (strcmp(work, "hold-10^3") == 0)
        begin_hold(1000);
    else if (strcmp(work, "hold-2^16") == 0)
        begin_hold(1 << 16);
    else if (strcmp(work, "hold-2^20") == 0)
        begin_hold(1 << 20);
    else if (strcmp(work, "single-server") == 0)
        begin_server();
    else if (strcmp(work, "timers-100000") == 0)
        begin_timers(100000);
    else
        return 2;
    handle(events / 4);
    printf("%llu %f\n", (unsigned long long)events, handle(events));
    return 0;
}
