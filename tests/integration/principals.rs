//! Whose session it is: sign-ins, the list of a user's sessions, their ends, limits, and recent sign-ins, over every way to keep sessions on a
//! server.

mod anonymous;
mod crowds;
mod described;
mod extracted;
mod limits;
mod listed;
mod recent;
mod renewed;
mod revoked;
