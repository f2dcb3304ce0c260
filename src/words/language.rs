//! The languages, and which of them a reader is given.

use std::fmt;
use std::str::FromStr;

/// A language that the catalogues are complete in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Spanish as in Peru; what readers get unless they ask for another.
    #[default]
    Spanish,
    /// English.
    English,
}

impl Language {
    /// Every language, the first one first.
    pub const ALL: [Self; 2] = [Self::Spanish, Self::English];

    /// Its short name: `es`, `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// Its name for `lang` of a page and for `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Spanish => "es-PE",
            Self::English => "en",
        }
    }

    /// The language that an `Accept-Language` header likes best among ours; `None` if it names none of them.
    pub fn preferred(accept_language: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';').map(str::trim);
            let Some(Ok(language)) = parts.next().map(str::parse::<Self>) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
            let Ok(weight) = weight else { continue };
            if weight > 0.0 && best.is_none_or(|(_, liked)| weight > liked) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A name of a language that the catalogues do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such language here; give es or en")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Understands `es`, `ES-pe`, `en-GB` and the like.
    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
            .ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_of_ours_is_given() {
        use Language::{English, Spanish};
        assert_eq!(Language::preferred("es-PE,es;q=0.9,en;q=0.8"), Some(Spanish));
        assert_eq!(Language::preferred("fr, en-GB;q=0.7, es;q=0.3"), Some(English));
        assert_eq!(Language::preferred("es;q=0.2, en"), Some(English));
        assert_eq!(Language::preferred("es;q=0"), None);
        assert_eq!(Language::preferred("fr, *"), None);
        assert_eq!(Language::preferred(""), None);
        assert_eq!(Language::preferred("en;q=x, ES-pe;q=0.1"), Some(Spanish));
    }
}
