//! The examples of docs/api.md, run as they stand there, in their order.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::site::{SHOP_SECRET, Site};
use crate::support::service::until;

/// A block of shell, the status that it must end with, and what the answer must hold.
struct Example {
    script: String,
    status: String,
    holds: String,
}

fn examples(text: &str) -> Vec<Example> {
    let blocks = text.split("<!-- example -->\n```sh\n").skip(1);
    blocks
        .map(|block| {
            let (script, rest) =
                block.split_once("```\n<!-- ").expect("an example ends with what is expected");
            let expected = rest.split(" -->").next().unwrap();
            let (status, holds) = expected.split_once(' ').unwrap_or((expected, ""));
            Example { script: script.into(), status: status.into(), holds: holds.trim_matches('"').into() }
        })
        .collect()
}

#[tokio::test]
async fn the_examples_of_the_document_work() {
    let site = Site::settled(&[("LEDGER_SEAL_INTERVAL", "1s")]).await;
    let id = site.order("ladore-1001");
    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.sync().await;
    let order = site.id_of(id).await;
    let dossier = format!("logistics/orders/{order}/dossier");
    until("the order is sealed", async || site.get(&dossier).await.status == 200).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md");
    let examples = examples(&fs::read_to_string(path).unwrap());
    assert!(examples.len() >= 8);
    for Example { script, status, holds } in examples {
        let asked = format!("curl() {{ command curl --write-out '\\n%{{http_code}}' \"$@\"; }}\n{script}");
        let ran = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &asked])
            .env("API", site.service.url("/api/v1"))
            .env("KEY", &site.ladore)
            .env("STAFF", &site.staff)
            .env("ORDER", &order)
            .env("SHOP_SECRET", SHOP_SECRET)
            .stdin(Stdio::null())
            .output()
            .await
            .expect("the examples need bash, curl and openssl");
        let said = String::from_utf8_lossy(&ran.stdout);
        let told = format!("{script}\n{said}\n{}", String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{told}");
        assert_eq!(said.lines().last(), Some(status.as_str()), "{told}");
        assert!(said.contains(&holds), "{told}");
    }
}
