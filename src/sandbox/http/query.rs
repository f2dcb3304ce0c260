//! Query parameters and JSON bodies as ASP.NET reads them: names without regard to case, unknown ones ignored,
//! what does not parse refused with 400. Absent: defaults, which each endpoint names.

use axum::extract::Query;
use axum::http::Uri;
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::Answer;
use crate::sandbox::stamp;

/// The parameters of a call.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn of(uri: &Uri) -> Self {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs);
        Self(pairs.unwrap_or_default())
    }

    /// The first parameter of this name; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    pub fn int(&self, name: &str, default: i64) -> Result<i64, Answer> {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.trim().parse::<i32>().map(i64::from).map_err(|_| unreadable(name))
    }

    /// An id to filter by; 0 and absence mean all.
    pub fn id(&self, name: &str) -> Result<Option<i64>, Answer> {
        Ok(Some(self.int(name, 0)?).filter(|id| *id != 0))
    }

    pub fn flag(&self, name: &str) -> Result<bool, Answer> {
        match self.get(name) {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(unreadable(name)),
        }
    }

    pub fn date(&self, name: &str, zone: Tz) -> Result<Option<Since>, Answer> {
        let Some(value) = self.get(name) else { return Ok(None) };
        Since::read(value, zone).map(Some).ok_or_else(|| unreadable(name))
    }
}

fn unreadable(name: &str) -> Answer {
    Answer::invalid(&format!("The value given for parameter '{name}' is not valid."))
}

/// A lower bound in local time. Upstream compares wall clocks, so in the hour that autumn repeats a row of
/// the second pass can lie below a bound of the first. Only near such an hour is a row's own wall clock asked.
#[derive(Clone, Copy)]
pub struct Since {
    local: NaiveDateTime,
    first: DateTime<Utc>,
    doubtful: Option<(DateTime<Utc>, DateTime<Utc>)>,
    zone: Tz,
}

impl Since {
    fn read(text: &str, zone: Tz) -> Option<Self> {
        let first = stamp::read(text, zone)?;
        let local = first.with_timezone(&zone).naive_local();
        let doubtful = match zone.from_local_datetime(&local) {
            MappedLocalTime::Ambiguous(one, other) => Some((one.to_utc(), other.to_utc())),
            MappedLocalTime::Single(_) | MappedLocalTime::None => None,
        };
        Some(Self { local, first, doubtful, zone })
    }

    /// Whether an instant is at or after the bound, by the wall clock.
    pub fn admits(&self, at: DateTime<Utc>) -> bool {
        match self.doubtful {
            Some((from, to)) if from <= at && at < to => {
                at.with_timezone(&self.zone).naive_local() >= self.local
            }
            _ => at >= self.first,
        }
    }
}

/// A field of a JSON object, its name without regard to case; null counts as absent.
pub fn field<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let found = body.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(found.1).filter(|value| !value.is_null())
}

/// A text of a JSON object, trimmed; an empty one counts as absent.
pub fn text(body: &Value, name: &str) -> Option<String> {
    let value = field(body, name)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A truth of a JSON object; absent counts as false.
pub fn flag(body: &Value, name: &str) -> bool {
    field(body, name).and_then(Value::as_bool).unwrap_or(false)
}
