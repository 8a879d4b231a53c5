//! rawget shows and controls every byte of an HTTP/1.1 exchange.

mod charset;
pub mod failure;
pub mod http;
mod report;
