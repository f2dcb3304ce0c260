//! Whom an order goes to, ready to show: of what the warehouse tells, what says something.

use logistics_projections::recipients::Recipient;

/// A recipient of whom something is known.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Addressee {
    pub(super) name: Option<String>,
    /// The company, the street, the town with its code, the country: each on a line.
    pub(super) lines: Vec<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    /// Where it is another than the telephone.
    pub(super) mobile: Option<String>,
    /// What the courier is told.
    pub(super) notes: Option<String>,
    /// What was written beside the order.
    pub(super) comments: Option<String>,
}

impl Addressee {
    /// The recipient; none where nothing of it is known.
    pub(super) fn of(to: Recipient) -> Option<Self> {
        let street = to.address_lines.into_iter().map(Some);
        let town = place(filled(to.town), filled(to.county), filled(to.post_code));
        let lines = [to.company].into_iter().chain(street).chain([town, to.country]);
        let phone = filled(to.phone);
        let addressee = Self {
            name: filled(to.name),
            lines: lines.filter_map(filled).collect(),
            email: filled(to.email),
            mobile: filled(to.mobile).filter(|mobile| phone.as_ref() != Some(mobile)),
            phone,
            notes: filled(to.delivery_notes),
            comments: filled(to.comments),
        };
        (addressee != Self::default()).then_some(addressee)
    }
}

/// A text that says something.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// The town, what it lies in, and the code behind them.
fn place(town: Option<String>, county: Option<String>, post_code: Option<String>) -> Option<String> {
    let names: Vec<String> = [town, county].into_iter().flatten().collect();
    let names = filled(Some(names.join(", ")));
    let parts: Vec<String> = [names, post_code].into_iter().flatten().collect();
    filled(Some(parts.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(town: &str, county: &str, post_code: &str) -> Vec<String> {
        let told = |text: &str| Some(text.to_owned());
        let (town, county, post_code) = (told(town), told(county), told(post_code));
        let recipient = Recipient { town, county, post_code, ..Recipient::default() };
        Addressee::of(recipient).map(|to| to.lines).unwrap_or_default()
    }

    #[test]
    fn a_place_of_which_parts_are_missing_is_told_without_gaps() {
        assert_eq!(lines("Miraflores", "Lima", "15074"), ["Miraflores, Lima 15074"]);
        assert_eq!(lines("", "Lima", "15074"), ["Lima 15074"]);
        assert_eq!(lines("Miraflores", " ", ""), ["Miraflores"]);
        assert_eq!(lines("", "", "15074"), ["15074"]);
        assert!(lines("", "", "").is_empty());
    }

    #[test]
    fn a_recipient_of_whom_nothing_is_told_is_none() {
        assert!(Addressee::of(Recipient::default()).is_none());
        let blank =
            Recipient { name: Some(" ".into()), address_lines: vec![String::new()], ..Recipient::default() };
        assert!(Addressee::of(blank).is_none());
    }

    #[test]
    fn a_mobile_number_is_told_where_it_is_another() {
        let told = |mobile: &str| {
            let (phone, mobile) = (Some("01 555 1234".to_owned()), Some(mobile.to_owned()));
            let recipient = Recipient { phone, mobile, ..Recipient::default() };
            Addressee::of(recipient).and_then(|to| to.mobile)
        };
        assert_eq!(told("999 888 777").as_deref(), Some("999 888 777"));
        assert_eq!(told("01 555 1234"), None);
    }
}
