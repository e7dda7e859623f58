//! Behaviour over the public API. A test that bears a number (`t12_…`, `s08_…`) is a line of the acceptance list or of the security checklist.

mod autoload;
mod cookies;
mod documents;
mod expiry;
mod keys;
mod life_cycle;
mod responses;
mod robustness;
mod secrets;
mod serializers;

mod conformance;
mod cookie_store;
mod endings;
mod events;
mod every_store;
mod faults;
mod fields;
mod histories;
mod merging;
mod model;
mod principals;
mod rotation;
mod schedules;
mod state_of_a_request;
mod tokens;
