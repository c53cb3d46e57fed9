//! Signals of the operating system: Ctrl-C, termination, and a file-size limit.

use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals as Heard;

use super::output::SWAPPING;
use super::{Error, Exit, terminal};

/// Time that a command has to end by itself. It needs a moment, unless nothing looks at the flag, as
/// where it waits for its input.
const PATIENCE: Duration = Duration::from_secs(1);

/// The signals received so far.
pub(super) struct Signals {
    interrupted: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen. The first Ctrl-C asks the command to stop, and ends it with `words` where it
    /// does not; a second Ctrl-C kills the process at once.
    pub(super) fn listen(words: &'static str) -> Result<Self, Error> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let register = || {
            for signal in [SIGINT, SIGTERM] {
                // Hooks run in this order: the first signal passes the shutdown hook and sets the
                // flag.
                let code = i32::from(Exit::Interrupted.code());
                flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupted))?;
                flag::register(signal, Arc::clone(&interrupted))?;
            }
            let mut heard = Heard::new([SIGINT, SIGTERM])?;
            let wait = move || {
                if heard.forever().next().is_some() {
                    thread::sleep(PATIENCE);
                    end(words);
                }
            };
            thread::Builder::new().spawn(wait)
        };
        register().map_err(Error::system("listen for signals"))?;
        Ok(Self { interrupted })
    }

    /// The flag that the simulation reads.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.interrupted
    }
}

/// Makes a write beyond a file-size limit an error. The default action of the signal kills the process
/// in the middle of the file.
pub(super) fn survive_file_limits() -> Result<(), Error> {
    let registered = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    registered.map_err(Error::system("listen for signals"))?;
    Ok(())
}

/// Ends the process. Results are old or new at any moment, so nothing that is written is lost.
fn end(words: &str) -> ! {
    // Where two renames are needed, results may be absent between them.
    let _swapping = SWAPPING.lock();
    terminal::tell(words);
    process::exit(Exit::Interrupted.code().into())
}
