//! The dashboard in a real browser (Chromium, driven over WebDriver), on a living service and a simulated warehouse. Each
//! page leaves a picture in `target/screenshots`, and none may have a barrier that axe finds.

mod barriers;
mod demo;
mod detail;
mod drafts;
mod driver;
mod gone_to;
mod journey;
mod keyboard;
mod linking;
mod list;
mod live;
mod looks;
mod site;
mod staff;
mod tour;
mod weight;
mod without_script;
