//! Whose order is it? On a shared account an order belongs to the tenant whose prefix its number carries AND whose
//! SKUs agree. Anything ambiguous is parked with its reason, never guessed. Pure.

use logistics_domain::TenantId;
use logistics_domain::order::MERGE_JOINT;

/// What joins a prefix to the shop order's name in an order number, and to the rest of a SKU.
const NUMBER_JOINT: char = '-';
const SKU_JOINT: char = '_';

/// A tenant that reads an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its prefix, as configured; it matters on shared accounts only.
    pub sku_prefix: Option<String>,
    /// The account is the tenant's own, so that every order in it is the tenant's.
    pub dedicated: bool,
    /// The client of the account that the tenant's orders are booked under, where configured.
    pub client_id: Option<i64>,
}

/// What of an order tells whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks<'a> {
    /// The order's number.
    pub number: &'a str,
    /// The client it is booked under.
    pub client_id: Option<i64>,
    /// The SKUs on its lines; blank ones are left out. `None` when the read did not show the lines.
    pub skus: Option<Vec<&'a str>>,
    /// Whether other orders were merged into it, so that its number joins theirs with `+`.
    pub merged: bool,
}

/// Why an order has no certain owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is booked under a client that none of the tenants has.
    ForeignClient,
    /// No tenant's prefix starts its number.
    UnknownPrefix,
    /// Several tenants' prefixes fit number and SKUs alike.
    AmbiguousPrefix,
    /// The number says one tenant and the SKUs do not agree.
    SkuDisagrees,
    /// No line carries a SKU, so that nothing confirms the number.
    NoSku,
    /// It was one tenant's order and now looks like another's.
    OwnerChanged,
    /// The row could not be read.
    WrongShape,
    /// It has its owner, but the ledger could not take it in.
    NotTaken,
}

impl Doubt {
    /// The stable code under which it is stored and shown.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ForeignClient => "foreign_client",
            Self::UnknownPrefix => "unknown_prefix",
            Self::AmbiguousPrefix => "ambiguous_prefix",
            Self::SkuDisagrees => "sku_disagrees",
            Self::NoSku => "no_sku",
            Self::OwnerChanged => "owner_changed",
            Self::WrongShape => "wrong_shape",
            Self::NotTaken => "not_taken",
        }
    }

    /// The reason as a sentence for an operator.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ForeignClient => "The order is booked under a client that no configured brand has.",
            Self::UnknownPrefix => "No configured brand's prefix starts the order's number.",
            Self::AmbiguousPrefix => "The prefixes of several brands fit the order's number and SKUs.",
            Self::SkuDisagrees => {
                "The order's number names one brand, but its SKUs do not all carry that prefix."
            }
            Self::NoSku => {
                "No line of the order carries a SKU that would confirm the brand its number names."
            }
            Self::OwnerChanged => "The order is one brand's by its history and now looks like another's.",
            Self::WrongShape => "The row could not be read; a field is missing or of the wrong kind.",
            Self::NotTaken => {
                "The order has its owner, but the ledger could not take in what upstream shows of it."
            }
        }
    }
}

/// Finds the one tenant that an order belongs to, or says why there is none.
pub fn attribute(claimants: &[Claimant], marks: &Marks<'_>) -> Result<TenantId, Doubt> {
    let of_client: Vec<&Claimant> = claimants
        .iter()
        .filter(|claimant| claimant.client_id.is_none() || claimant.client_id == marks.client_id)
        .collect();
    if of_client.is_empty() {
        return Err(Doubt::ForeignClient);
    }
    if let [only] = of_client.as_slice()
        && only.dedicated
    {
        return Ok(only.tenant);
    }
    let by_number: Vec<&Claimant> = of_client
        .into_iter()
        .filter(|claimant| !claimant.dedicated && number_carries(claimant, marks))
        .collect();
    if by_number.is_empty() {
        return Err(Doubt::UnknownPrefix);
    }
    let Some(skus) = marks.skus.as_deref().filter(|skus| !skus.is_empty()) else { return Err(Doubt::NoSku) };
    let agreeing: Vec<&&Claimant> = by_number
        .iter()
        .filter(|claimant| skus.iter().all(|sku| carries(claimant, sku, SKU_JOINT)))
        .collect();
    match agreeing.as_slice() {
        [] => Err(Doubt::SkuDisagrees),
        [owner] => Ok(owner.tenant),
        _ => Err(Doubt::AmbiguousPrefix),
    }
}

/// What of a new order speaks for a brand that reads by another account and whose orders this one may show; nothing where
/// none does, and the account's own brands are asked. An account is no evidence here, so prefixes are held against all of
/// them: `Ok` is an order that its own account is to read, and what is doubtful among them is nobody's.
pub fn of_neighbours(
    claimants: &[Claimant],
    neighbours: &[Claimant],
    marks: &Marks<'_>,
) -> Option<Result<TenantId, Doubt>> {
    if neighbours.is_empty() {
        return None;
    }
    let by_prefix = |claimant: &Claimant| Claimant { dedicated: false, client_id: None, ..claimant.clone() };
    let all: Vec<Claimant> = claimants.iter().chain(neighbours).map(by_prefix).collect();
    let skus = marks.skus.as_deref().unwrap_or_default();
    let speaks = |claimant: &Claimant| {
        number_carries(claimant, marks) || skus.iter().any(|sku| carries(claimant, sku, SKU_JOINT))
    };
    match attribute(&all, marks) {
        Ok(owner) => neighbours.iter().any(|one| one.tenant == owner).then_some(Ok(owner)),
        Err(doubt) => neighbours.iter().any(speaks).then_some(Err(doubt)),
    }
}

/// Whether what upstream shows now speaks against the tenant in whose history the order stands. Only positive evidence
/// counts: a renamed order or a changed prefix does not take an order from its owner.
pub fn contest(claimants: &[Claimant], owner: TenantId, marks: &Marks<'_>) -> Option<Doubt> {
    let held = claimants.iter().find(|claimant| claimant.tenant == owner)?;
    if held.client_id.is_some() && marks.client_id.is_some() && held.client_id != marks.client_id {
        return Some(Doubt::ForeignClient);
    }
    if held.dedicated {
        return None;
    }
    if matches!(attribute(claimants, marks), Ok(found) if found != owner) {
        return Some(Doubt::OwnerChanged);
    }
    let others = || claimants.iter().filter(|claimant| claimant.tenant != owner && !claimant.dedicated);
    let is_anothers = |sku: &&str| {
        !carries(held, sku, SKU_JOINT) && others().any(|claimant| carries(claimant, sku, SKU_JOINT))
    };
    marks.skus.as_deref().unwrap_or_default().iter().any(is_anothers).then_some(Doubt::SkuDisagrees)
}

/// A merged order's number joins the absorbed ones with `+`; each part must carry the prefix.
fn number_carries(claimant: &Claimant, marks: &Marks<'_>) -> bool {
    if marks.merged {
        marks.number.split(MERGE_JOINT).all(|part| carries(claimant, part.trim(), NUMBER_JOINT))
    } else {
        carries(claimant, marks.number, NUMBER_JOINT)
    }
}

/// Case is not to be relied on; the joint behind the prefix is, so that `la` does not claim `ladore-1`.
fn carries(claimant: &Claimant, text: &str, joint: char) -> bool {
    let Some(prefix) = claimant.sku_prefix.as_deref().map(str::trim).filter(|prefix| !prefix.is_empty())
    else {
        return false;
    };
    let mut rest = text.trim().chars();
    prefix
        .chars()
        .all(|expected| rest.next().is_some_and(|found| found.to_lowercase().eq(expected.to_lowercase())))
        && rest.next() == Some(joint)
        && rest.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(tenant: i64, prefix: &str) -> Claimant {
        Claimant {
            tenant: TenantId(tenant),
            sku_prefix: Some(prefix.into()),
            dedicated: false,
            client_id: Some(3),
        }
    }

    fn marks<'a>(number: &'a str, skus: &[&'a str]) -> Marks<'a> {
        Marks { number, client_id: Some(3), skus: Some(skus.to_vec()), merged: false }
    }

    #[test]
    fn number_and_skus_that_agree_name_the_owner_whatever_their_case() {
        let claimants = [shared(7, "LADORE"), shared(8, "KUNA")];
        assert_eq!(attribute(&claimants, &marks("ladore-1001", &["LADORE_SH200"])), Ok(TenantId(7)));
        assert_eq!(attribute(&claimants, &marks("Kuna-PE-1", &["kuna_1", "KUNA_2"])), Ok(TenantId(8)));
    }

    #[test]
    fn a_doubtful_order_is_nobodys_and_the_reason_is_told() {
        let claimants = [shared(7, "LADORE"), shared(8, "KUNA"), shared(9, "LA")];
        for (number, skus, doubt) in [
            ("SO-1", vec!["LADORE_1"], Doubt::UnknownPrefix),
            ("ladore1001", vec!["LADORE_1"], Doubt::UnknownPrefix),
            ("ladore-", vec!["LADORE_1"], Doubt::UnknownPrefix),
            ("ladore-1", vec!["KUNA_1"], Doubt::SkuDisagrees),
            ("ladore-1", vec!["LADORE_1", "KUNA_1"], Doubt::SkuDisagrees),
            ("ladore-1", vec!["LADORE_1", "FLYER"], Doubt::SkuDisagrees),
            ("ladore-1", vec![], Doubt::NoSku),
        ] {
            assert_eq!(attribute(&claimants, &marks(number, &skus)), Err(doubt), "{number} {skus:?}");
        }
        let foreign = Marks { client_id: Some(4), ..marks("ladore-1", &["LADORE_1"]) };
        assert_eq!(attribute(&claimants, &foreign), Err(Doubt::ForeignClient));
    }

    #[test]
    fn a_prefix_within_a_prefix_is_settled_by_the_skus_or_not_at_all() {
        let claimants = [shared(7, "LA"), shared(8, "LA-DORE")];
        assert_eq!(attribute(&claimants, &marks("la-dore-1", &["LA-DORE_1"])), Ok(TenantId(8)));
        assert_eq!(attribute(&claimants, &marks("la-dore-1", &["LA_1"])), Ok(TenantId(7)));
        let twins = [shared(7, "LA"), shared(8, "la")];
        assert_eq!(attribute(&twins, &marks("la-1", &["LA_1"])), Err(Doubt::AmbiguousPrefix));
    }

    #[test]
    fn every_order_of_a_dedicated_account_is_its_tenants() {
        let own = Claimant { tenant: TenantId(5), sku_prefix: None, dedicated: true, client_id: None };
        let bare = Marks { number: "SO-1", client_id: Some(99), skus: None, merged: false };
        assert_eq!(attribute(&[own], &bare), Ok(TenantId(5)));
    }

    #[test]
    fn what_a_login_of_ones_own_shows_of_others_is_theirs_or_nobodys() {
        let own = Claimant { dedicated: true, client_id: None, ..shared(7, "LA-DORE") };
        let others = [shared(8, "KUNA"), shared(9, "LA")];
        let told = |number, skus: &[&str]| {
            of_neighbours(
                std::slice::from_ref(&own),
                &others,
                &Marks { client_id: Some(9), ..marks(number, skus) },
            )
        };
        assert_eq!(told("kuna-1", &["KUNA_1"]), Some(Ok(TenantId(8))));
        assert_eq!(told("kuna-1", &["KUNA_1", "FLYER"]), Some(Err(Doubt::SkuDisagrees)));
        assert_eq!(told("kuna-1", &[]), Some(Err(Doubt::NoSku)));
        assert_eq!(told("SO-1", &["KUNA_1"]), Some(Err(Doubt::UnknownPrefix)));
        assert_eq!(told("la-dore-1", &["LA-DORE_1"]), None, "its own, though it begins like another's");
        assert_eq!(told("SO-1", &["FLYER"]), None, "nothing speaks for another");
    }

    #[test]
    fn only_evidence_for_another_owner_contests_a_history() {
        let claimants = [shared(7, "LADORE"), shared(8, "KUNA")];
        let contested = |marks: Marks<'_>| contest(&claimants, TenantId(7), &marks);
        assert_eq!(contested(marks("ladore-1", &["LADORE_1"])), None);
        assert_eq!(contested(marks("AMZ-1", &["LADORE_1"])), None, "a renamed order stays its owner's");
        assert_eq!(contested(marks("ladore-1", &["FLYER"])), None);
        assert_eq!(contested(Marks { skus: None, ..marks("ladore-1", &[]) }), None);
        assert_eq!(contested(marks("kuna-1", &["KUNA_1"])), Some(Doubt::OwnerChanged));
        assert_eq!(contested(marks("ladore-1", &["LADORE_1", "KUNA_1"])), Some(Doubt::SkuDisagrees));
        let moved = Marks { client_id: Some(4), ..marks("ladore-1", &["LADORE_1"]) };
        assert_eq!(contested(moved), Some(Doubt::ForeignClient));
    }

    #[test]
    fn a_merged_order_is_its_owners_only_if_every_part_is() {
        let claimants = [shared(7, "LADORE"), shared(8, "KUNA")];
        let merged = |number| Marks { merged: true, ..marks(number, &["LADORE_1"]) };
        assert_eq!(attribute(&claimants, &merged("ladore-1+ladore-2")), Ok(TenantId(7)));
        assert_eq!(attribute(&claimants, &merged("ladore-1+kuna-2")), Err(Doubt::UnknownPrefix));
    }
}
