//! rawget shows and controls every byte of an HTTP/1.1 exchange.

mod demo;
pub mod failure;
pub mod http;
mod net;
mod report;
