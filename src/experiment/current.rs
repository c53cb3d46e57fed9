//! What a thread is working on, for the message of a bug.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// A study, and the draw that is being simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// Index of the study.
    pub study: usize,
    /// Indices of case and draw, while a draw is simulated.
    pub draw: Option<(usize, u32)>,
}

/// Exists while a thread works on something.
#[derive(Debug)]
#[must_use = "the work is left when this is dropped"]
pub struct Entered {
    before: Option<Current>,
}

/// States that this thread works on `what`, until the returned value is dropped.
pub fn enter(what: Current) -> Entered {
    Entered {
        before: CURRENT.replace(Some(what)),
    }
}

/// What this thread works on.
pub fn current() -> Option<Current> {
    CURRENT.get()
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::{Current, current, enter};

    #[test]
    fn a_draw_is_known_while_it_is_entered() {
        let study = Current {
            study: 3,
            draw: None,
        };
        let draw = Current {
            draw: Some((1, 7)),
            ..study
        };
        assert_eq!(current(), None);
        {
            let _study = enter(study);
            {
                let _draw = enter(draw);
                assert_eq!(current(), Some(draw));
            }
            assert_eq!(current(), Some(study));
        }
        assert_eq!(current(), None);
    }
}
