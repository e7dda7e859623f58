//! Behaviour over the public API. A test that bears a number (`t12_…`, `s08_…`) is a line of the acceptance list or of the security checklist.

mod support;

mod smoke;
