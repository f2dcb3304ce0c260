//! What a name resolves to, with every address left out that may not be called. The HTTP client asks at the very moment of
//! connecting and connects to nothing else, so no name can point elsewhere between a check and the call.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

type LookedUp = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Asks a resolver, and passes on what is public.
pub(super) struct PublicAddresses {
    insecure: bool,
    look_up: Arc<dyn Fn(String) -> LookedUp + Send + Sync>,
}

/// The name leads only into somebody's network.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(super) struct InsideAddress;

impl PublicAddresses {
    /// By the system's resolver; with the switch for the sandbox, this machine itself counts as public.
    pub fn of_the_system(insecure: bool) -> Self {
        let look_up = |name: String| -> LookedUp {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        };
        Self { insecure, look_up: Arc::new(look_up) }
    }
}

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let (insecure, found) = (self.insecure, (self.look_up)(name.as_str().to_owned()));
        Box::pin(async move {
            let allowed: Vec<_> =
                found.await?.into_iter().filter(|at| address::may_call(at.ip(), insecure)).collect();
            if allowed.is_empty() {
                return Err(InsideAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A resolver that says something else each time.
    fn rebinding(answers: &[&[&str]]) -> PublicAddresses {
        let parsed = |ip: &&str| SocketAddr::new(ip.parse().unwrap(), 0);
        let mut answers: Vec<Vec<SocketAddr>> =
            answers.iter().map(|answer| answer.iter().map(parsed).collect()).collect();
        answers.reverse();
        let answers = Mutex::new(answers);
        let look_up = move |_name: String| -> LookedUp {
            let answer = answers.lock().unwrap().pop().unwrap();
            Box::pin(async move { Ok(answer) })
        };
        PublicAddresses { insecure: false, look_up: Arc::new(look_up) }
    }

    async fn asked(resolver: &PublicAddresses) -> Result<Vec<String>, bool> {
        let found = resolver.resolve("warehouse.example".parse().unwrap()).await;
        found
            .map(|all| all.map(|at| at.ip().to_string()).collect())
            .map_err(|error| error.is::<InsideAddress>())
    }

    #[tokio::test]
    async fn a_name_that_turns_inward_after_it_was_looked_at_leads_nowhere() {
        let resolver =
            rebinding(&[&["1.1.1.1"], &["127.0.0.1"], &["169.254.169.254", "::1"], &["::ffff:10.0.0.1"]]);
        assert_eq!(asked(&resolver).await, Ok(vec!["1.1.1.1".to_owned()]));
        for _ in 0..3 {
            assert_eq!(asked(&resolver).await, Err(true));
        }
    }

    #[tokio::test]
    async fn of_a_mixed_answer_only_the_public_part_is_connected_to() {
        let resolver = rebinding(&[&["10.0.0.1", "1.1.1.1", "fd00::1", "2606:4700::1111"]]);
        assert_eq!(asked(&resolver).await, Ok(vec!["1.1.1.1".to_owned(), "2606:4700::1111".to_owned()]));
    }
}
