//! The event kernel: a clock, a calendar of future events, keyed random numbers. Knows no telemetry.
