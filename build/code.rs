//! Makes a number of the code that is compiled, so that what one build said can be told from what another one says. The same code
//! gives the same number, wherever and whenever it is built; the version in `Cargo.toml` is not moved with each change.

use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What the program is made of. Tests are not.
const PLACES: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "build",
    "build.rs",
    "domain/Cargo.toml",
    "domain/src",
    "migrations",
    "projections/Cargo.toml",
    "projections/src",
    "src",
];

/// The number, as text. Tells cargo what it was made of.
pub fn number() -> io::Result<String> {
    let mut files = Vec::new();
    for place in PLACES {
        println!("cargo:rerun-if-changed={place}");
        gather(Path::new(place), &mut files)?;
    }
    // Directories are listed in any order.
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        for part in [file.to_string_lossy().as_bytes(), &fs::read(&file)?] {
            hasher.write(&(part.len() as u64).to_be_bytes());
            hasher.write(part);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn gather(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            gather(&entry?.path(), files)?;
        }
    } else if place.is_file() {
        // Editors leave links to nothing beside what they hold.
        files.push(place.to_owned());
    }
    Ok(())
}
