//! Counting requests for pages. Who is signed in is counted as the person, together with what that person asks of the API; everybody
//! else by the address, before a session is looked up. So a crowd behind the same proxy shuts nobody out who was seen signed in here
//! within ten minutes, and whoever guesses sessions is held back as any stranger is.

use axum::http::Extensions;

use super::gate::Gate;
use super::limits::Allowance;
use super::problem::Problem;
use crate::access::{AccessError, Principal, Session, find_session};

/// A request for a page that was counted.
pub struct Counted {
    /// The session, if there is one, or why that could not be found out.
    pub(crate) session: Result<Option<Session>, AccessError>,
    /// What is left of the limit that it was counted against.
    pub(crate) allowance: Allowance,
}

impl Gate {
    /// Counts a request for a page, and finds the session whose token came along.
    pub(crate) async fn count_visit(
        &self,
        token: Option<&str>,
        extensions: &Extensions,
        path: &str,
    ) -> Result<Counted, Problem> {
        let count = || self.limits.take_for_stranger(extensions, path);
        let Some(token) = token else { return Ok(Counted { session: Ok(None), allowance: count()? }) };
        let looking_up = async {
            let found = find_session(&self.pool, self.proofs.sessions, token, self.clock.now()).await?;
            found.ok_or(AccessError::SessionOver)
        };
        let id = |session: &Session| session.principal.id();
        // Before anything is looked up, for whoever is known already.
        let known = self.limits.proved().holder(token);
        let counted = known.map(|person| self.limits.take_for(person)).transpose()?;
        match self.proving(token, || count().map(|_| ()), looking_up, id).await? {
            Ok(session) => {
                let allowance = counted.map_or_else(|| self.limits.take_for(id(&session)), Ok)?;
                Ok(Counted { session: Ok(Some(session)), allowance })
            }
            Err(AccessError::SessionOver) => {
                Ok(Counted { session: Ok(None), allowance: Allowance::untold() })
            }
            Err(error) => Ok(Counted { session: Err(error), allowance: Allowance::untold() }),
        }
    }

    /// Counts a request for what pages are made of, which is the same for everybody: no session is looked up for it.
    pub(crate) fn count_file(
        &self,
        token: Option<&str>,
        extensions: &Extensions,
        path: &str,
    ) -> Result<Allowance, Problem> {
        match token.and_then(|token| self.limits.proved().holder(token)) {
            Some(person) => self.limits.take_for(person),
            None => self.limits.take_for_stranger(extensions, path),
        }
    }

    /// Whoever just signed in is known by the new session, and no stranger with it once more.
    pub(crate) fn note_sign_in(&self, token: &str, person: &Principal) {
        self.limits.proved().note(token, person.id());
    }
}
