//! What a reader chose for looks: the language and the scheme of colours, kept in cookies, so that sign-in and errors obey
//! them too.

use std::convert::Infallible;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use crate::api::{LANGUAGE_COOKIE, Problem, Query, language_asked, language_chosen};
use crate::words::{Language, Words};

const THEME: &str = "theme";

/// The reader's language and scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The language of sentences, numbers and dates.
    pub words: Words,
    /// The scheme of colours.
    pub theme: Theme,
}

/// A scheme of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's device has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Its name, as the style sheet and the cookie have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == name)
    }
}

impl Preferences {
    /// What the request's cookies say; else the language that the browser asks for; else Spanish.
    pub fn of(parts: &Parts) -> Self {
        let cookies = CookieJar::from_headers(&parts.headers);
        let chosen = language_chosen(&parts.headers);
        let language = chosen.or_else(|| language_asked(&parts.headers)).unwrap_or_default();
        let theme = cookies.get(THEME).and_then(|cookie| Theme::named(cookie.value())).unwrap_or_default();
        Self { words: Words::of(language), theme }
    }
}

impl<S: Sync> FromRequestParts<S> for Preferences {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The way to choose, which changes nothing but a cookie and leads back.
pub(super) fn routes() -> Router {
    Router::new().route("/dashboard/preferences", get(choose))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    language: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

async fn choose(cookies: CookieJar, Query(choice): Query<Choice>) -> Result<Response, Problem> {
    let language = choice.language.as_deref().and_then(|name| name.parse::<Language>().ok());
    let theme = choice.theme.as_deref().and_then(Theme::named);
    let cookies = match language {
        Some(language) => cookies.add(kept(LANGUAGE_COOKIE, language.code())),
        None => cookies,
    };
    let cookies = match theme {
        Some(theme) => cookies.add(kept(THEME, theme.as_str())),
        None => cookies,
    };
    Ok((cookies, Redirect::to(&inside(choice.next.as_deref()))).into_response())
}

fn kept(name: &'static str, value: &'static str) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").same_site(SameSite::Lax).http_only(true).permanent().build()
}

/// Where to go on: a page of ours, never another host's.
pub(super) fn inside(next: Option<&str>) -> String {
    next.filter(|next| {
        (*next == "/dashboard" || next.starts_with("/dashboard/") || next.starts_with("/dashboard?"))
            && next.bytes().all(|letter| matches!(letter, b'!'..=b'~') && letter != b'\\')
    })
    .unwrap_or("/dashboard")
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_back_inside_and_nowhere_else() {
        assert_eq!(inside(Some("/dashboard/orders?tab=all")), "/dashboard/orders?tab=all");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/dashboardish",
            "/dashboard\\..",
            "/",
            "/dashboard/\u{1}",
            "/dashboard/\r\nx",
        ] {
            assert_eq!(inside(Some(foreign)), "/dashboard", "{foreign}");
        }
        assert_eq!(inside(None), "/dashboard");
    }
}
