//! Tells cargo that the migrations are compiled into the binary, so that a new one is seen.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
