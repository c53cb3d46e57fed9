//! The same blueprint many times: cases × draws in parallel, verdicts.
