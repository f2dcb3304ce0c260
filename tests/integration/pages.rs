//! Integration tests of the pages over real HTTP, without a browser: what an address shows, to whom, and where a visitor is
//! led on.

mod brands;
mod changes;
mod evidence;
mod files;
mod gone_to;
mod limits;
mod linking;
mod missing;
mod moves;
mod narrowed;
mod order;
mod paging;
mod parts;
mod refreshed;
mod refused;
mod refuted;
mod resent;
mod sealed;
mod searched;
mod staff;
mod told;
mod visits;
mod world;
