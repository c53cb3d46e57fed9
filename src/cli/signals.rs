//! Signals of the operating system: Ctrl-C, termination, and a file-size limit.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use super::{Error, Exit};

/// The signals received so far.
pub(super) struct Signals {
    interrupted: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen. The first Ctrl-C asks the simulation to stop; a second Ctrl-C kills the
    /// process at once.
    pub(super) fn listen() -> Result<Self, Error> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let register = || {
            for signal in [SIGINT, SIGTERM] {
                // Hooks run in this order: the first signal passes the shutdown hook and sets the
                // flag.
                let code = i32::from(Exit::Interrupted.code());
                flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupted))?;
                flag::register(signal, Arc::clone(&interrupted))?;
            }
            // The default action of this signal kills the process in the middle of a file. With any
            // hook the write returns an error instead, and the partial folder is removed.
            flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))
        };
        register().map_err(Error::system("listen for signals"))?;
        Ok(Self { interrupted })
    }

    /// The flag that the simulation reads.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.interrupted
    }
}
