//! Telemetry: the log, and the meters. A part of the service tells what happened by one call; what is made of it, under
//! which names, is known here alone. Absent: health, which is told where requests are answered.

mod exposition;
mod log;
pub mod meters;

pub use exposition::{Readings, measure, measured, sum_up};
pub use log::{TelemetryError, start};
