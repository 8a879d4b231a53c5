//! The harness behind `tests/cases.rs`: case files, a scripted server, the comparison.
//!
//! It knows rawget only as a program to run; nothing here links to the library.

pub(crate) mod bless;
pub(crate) mod case;
pub(crate) mod compare;
pub(crate) mod frames;
pub(crate) mod pattern;
pub(crate) mod process;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod script;
pub(crate) mod server;
pub(crate) mod text;
pub(crate) mod words;
