//! Which draw a thread is working on, so that the message of a bug can say it.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<Option<CurrentDraw>> = const { Cell::new(None) };
}

/// A draw of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentDraw {
    /// Index of the case.
    pub case: usize,
    /// Index of the draw.
    pub draw: u32,
}

/// Held while a thread works on a draw.
#[derive(Debug)]
#[must_use = "the draw is left when this is dropped"]
pub struct Entered {
    before: Option<CurrentDraw>,
}

/// Says that this thread works on `draw` until the returned value is dropped.
pub fn enter(draw: CurrentDraw) -> Entered {
    Entered {
        before: CURRENT.replace(Some(draw)),
    }
}

/// The draw that this thread works on.
pub fn current() -> Option<CurrentDraw> {
    CURRENT.get()
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::{CurrentDraw, current, enter};

    #[test]
    fn a_draw_is_known_while_it_is_entered() {
        let draw = CurrentDraw { case: 1, draw: 7 };
        assert_eq!(current(), None);
        {
            let _entered = enter(draw);
            assert_eq!(current(), Some(draw));
        }
        assert_eq!(current(), None);
    }
}
