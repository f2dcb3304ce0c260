//! How each ordered fault looks on the wire. Absent: which call it strikes (`faults`).

use std::time::Duration;

use super::Answer;
use crate::sandbox::faults::Fault;

const BAD_GATEWAY: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
<body><h1>Bad gateway</h1><p>The web server reported a bad gateway error.</p></body></html>";

/// The answer that a fault gives instead of doing the work, if it is of that kind.
pub fn instead(fault: &Fault) -> Option<Answer> {
    match fault {
        Fault::Unauthorized => Some(Answer::status(401)),
        Fault::TooManyRequests { retry_after_seconds } => Some(Answer {
            retry_after_seconds: *retry_after_seconds,
            ..Answer::html(429, "Too many requests")
        }),
        Fault::HtmlBadGateway => Some(Answer::html(502, BAD_GATEWAY)),
        Fault::Disconnect => Some(Answer { broken: true, ..Answer::status(200) }),
        Fault::Status { code } => Some(Answer::message(*code, "An error has occurred.")),
        Fault::Slow { .. }
        | Fault::NotAnArray
        | Fault::NullBody
        | Fault::HtmlOk
        | Fault::TruncatedJson
        | Fault::LostAnswer
        | Fault::FailedAfterActing { .. }
        | Fault::ActsLate { .. }
        | Fault::Oversize { .. }
        | Fault::RowRepeated
        | Fault::RowSkipped
        | Fault::ForeignRow => None,
    }
}

/// The answer of the work done, spoilt by a fault.
pub fn bend(answer: Answer, fault: &Fault) -> Answer {
    match fault {
        Fault::Slow { milliseconds } => Answer { wait: Duration::from_millis(*milliseconds), ..answer },
        Fault::NotAnArray => Answer::message(200, "An error has occurred."),
        Fault::NullBody => Answer { body: b"null".to_vec(), ..answer },
        Fault::HtmlOk => Answer::html(200, "<!DOCTYPE html><html><body>Please wait</body></html>"),
        Fault::TruncatedJson => {
            let mut cut = answer;
            cut.body.truncate((cut.body.len() / 2).max(1));
            cut
        }
        Fault::LostAnswer => Answer { broken: true, ..answer },
        Fault::FailedAfterActing { code } => Answer::html(*code, BAD_GATEWAY),
        Fault::Oversize { bytes } => {
            let mut body = b"[\"".to_vec();
            body.resize((*bytes).clamp(4, 256 * 1024 * 1024) - 2, b'x');
            body.extend_from_slice(b"\"]");
            Answer { body, ..answer }
        }
        Fault::Unauthorized
        | Fault::TooManyRequests { .. }
        | Fault::HtmlBadGateway
        | Fault::Status { .. }
        | Fault::Disconnect
        | Fault::ActsLate { .. }
        | Fault::RowRepeated
        | Fault::RowSkipped
        | Fault::ForeignRow => answer,
    }
}
