//! Arguments, files, terminal, exit codes: the only place with I/O and a wall clock.

pub mod problem;
