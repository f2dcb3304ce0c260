//! Turns the message catalogues into typed calls, or fails, so that no page can name a sentence that some language lacks; and
//! gives the program a number of its code. What that is made of is told to cargo, the migrations too: they are compiled into the
//! binary, and a new one must be seen.

#[path = "build/code.rs"]
mod code;
#[path = "build/words.rs"]
mod words;

fn main() {
    let mut faults = words::generate("src/words", "words.rs").err().unwrap_or_default();
    match code::number() {
        Ok(number) => println!("cargo:rustc-env=LEDGER_CODE={number}"),
        Err(error) => faults.push(format!("the code cannot be read: {error}")),
    }
    if !faults.is_empty() {
        for fault in faults {
            println!("cargo:error={fault}");
        }
        std::process::exit(1);
    }
}
