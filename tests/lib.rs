//! The tests are in `integration/` and `ui/`.
