//! A terminal in which the program is started, with nothing of the tests' own environment.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

/// The key ring of the world in which the program is tried.
pub const MASTER_KEY: &str = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// What the program said, and how it ended.
#[derive(Debug)]
pub struct Told {
    pub status: i32,
    /// Standard output.
    pub answer: String,
    /// Standard error.
    pub aside: String,
}

/// Types a command, with the database at `url`, and waits for its end. Nothing but errors is logged.
pub async fn typed(url: &str, words: &[&str]) -> Told {
    let mut command = program(words);
    command.env("DATABASE_URL", url).env("LEDGER_LOG", "error");
    end_of(command).await
}

/// The program with no database named, and a data directory that nobody made.
pub fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
    command
        .args(words)
        .env_clear()
        .env("LEDGER_DATA_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody-made-this"))
        .env("LEDGER_MASTER_KEY", MASTER_KEY)
        .env("LEDGER_ALLOW_INSECURE_UPSTREAM", "true")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

pub async fn end_of(mut command: Command) -> Told {
    let output = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { status: output.status.code().unwrap(), answer: text(output.stdout), aside: text(output.stderr) }
}

impl Told {
    /// The answer, once it is found to be a success that says nothing aside.
    pub fn answer(&self) -> &str {
        assert_eq!((self.status, &*self.aside), (0, ""), "{self:?}");
        self.answer.strip_suffix('\n').unwrap_or_else(|| panic!("no whole line: {self:?}"))
    }

    /// The answer's lines, each read as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one sentence of a failure that answers nothing.
    pub fn failure(&self) -> &str {
        assert_eq!((self.status, &*self.answer), (1, ""), "{self:?}");
        self.sentence()
    }

    /// The one sentence that the program ended with.
    pub fn sentence(&self) -> &str {
        let last = self.aside.lines().last().unwrap_or_else(|| panic!("nothing is said: {self:?}"));
        last.strip_prefix("ledger: ").unwrap_or_else(|| panic!("not in its name: {self:?}"))
    }

    /// What is said where the words are not understood.
    pub fn misunderstood(&self) -> &str {
        assert_eq!((self.status, &*self.answer), (2, ""), "{self:?}");
        assert!(self.aside.starts_with("error: ") && self.aside.contains("--help"), "{self:?}");
        &self.aside
    }
}
