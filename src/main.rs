//! The `alloy-sim` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    alloy_sim::cli::main()
}
