//! Tells cargo that the migrations are compiled into the binary, so that a new one is seen; and turns the message
//! catalogues into typed calls, or fails, so that no page can name a sentence that some language lacks.

#[path = "build/words.rs"]
mod words;

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    if let Err(faults) = words::generate("src/words", "words.rs") {
        for fault in faults {
            println!("cargo:error={fault}");
        }
        std::process::exit(1);
    }
}
