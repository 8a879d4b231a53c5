//! rawget shows and controls every byte of an HTTP/1.1 exchange.

mod coding;
pub mod failure;
mod hash;
pub mod http;
mod report;
