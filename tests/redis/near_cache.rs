//! What a near cache promises, against servers of these tests' own: nothing is asked twice, and nothing is served that is known to have changed.

mod app;
mod stage;
mod wire;

mod asked;
mod changed;
mod own;
mod racing;
mod set_up;

mod broken;
mod cluster;
mod frozen;
mod moved;
mod overtaken;
mod runtimes;
mod sentinel;
