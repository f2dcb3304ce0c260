//! Mintsoft, the warehouse system: every outgoing call, its JSON, and its dates.

pub mod wall_clock;
pub mod wire;
