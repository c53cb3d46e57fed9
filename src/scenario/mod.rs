//! Scenario files in, a checked scenario or all its problems out.
