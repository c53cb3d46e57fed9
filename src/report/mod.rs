//! Results to bytes: tables, charts, the answer on the terminal. Never computes, never opens files.
