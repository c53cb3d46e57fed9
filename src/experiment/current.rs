//! What a thread is working on, so that the message of a bug can say it.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// A study, and the draw of it that is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// Index of the study.
    pub study: usize,
    /// Indices of case and draw while one is simulated.
    pub draw: Option<(usize, u32)>,
}

/// Held while a thread works on something.
#[derive(Debug)]
#[must_use = "the work is left when this is dropped"]
pub struct Entered {
    before: Option<Current>,
}

/// Says that this thread works on `what` until the returned value is dropped.
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
