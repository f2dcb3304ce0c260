//! Roles and rights: the one table that says who may do what.

use std::fmt;
use std::str::FromStr;

use utoipa::ToSchema;

/// What a caller is to the tenant, by the host's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub enum Role {
    /// The platform's staff: every tenant.
    Superadmin,
    /// Everything that a tenant does with its orders.
    Admin,
    /// Works with dispatch.
    Logistica,
    /// Sales: acts on orders.
    Ventas,
    /// Reads.
    Viewer,
    /// Reads history, raw evidence, proofs and exports; changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Superadmin, Self::Admin, Self::Logistica, Self::Ventas, Self::Viewer, Self::Auditor];

    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Superadmin => "SUPERADMIN",
            Self::Admin => "ADMIN",
            Self::Logistica => "LOGISTICA",
            Self::Ventas => "VENTAS",
            Self::Viewer => "VIEWER",
            Self::Auditor => "AUDITOR",
        }
    }

    /// Whether the table of rights grants this.
    pub fn may(self, right: Right) -> bool {
        right.roles().contains(&self)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such role; give SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER or AUDITOR")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// Something that a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// See orders, their tracking, and which paid orders are not in the warehouse.
    ReadOrders,
    /// See what was known of an order, when, and from whom.
    ReadHistory,
    /// See the raw answers of upstream behind a history, with the personal data in them.
    ReadEvidence,
    /// Take away what proves that a ledger was not altered: its checkpoints, and dossiers of orders.
    ReadProofs,
    /// Take lists of orders away as files.
    ExportOrders,
    /// Cancel an order, and write a comment on it.
    ActOnOrders,
    /// Have a paid shop order looked for in the warehouse, say which order fulfils it, or undo that.
    LinkOrders,
    /// See and change how a tenant's orders are found in the warehouse.
    ConfigureLogistics,
    /// Give the secrets of a tenant's shops.
    ConfigureShops,
    /// Have an account read at once, and see how that goes.
    Sync,
    /// See orders of doubtful owner, over all tenants, and say whose they are.
    ResolveParkedOrders,
    /// See how accounts fare, and what was given up; have it tried again.
    Operate,
    /// Have the personal data of an order erased.
    ErasePersonalData,
    /// See and change tenants, people and keys.
    ManageAccess,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 14] = [
        Self::ReadOrders,
        Self::ReadHistory,
        Self::ReadEvidence,
        Self::ReadProofs,
        Self::ExportOrders,
        Self::ActOnOrders,
        Self::LinkOrders,
        Self::ConfigureLogistics,
        Self::ConfigureShops,
        Self::Sync,
        Self::ResolveParkedOrders,
        Self::Operate,
        Self::ErasePersonalData,
        Self::ManageAccess,
    ];

    /// The name under which it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOrders => "read_orders",
            Self::ReadHistory => "read_history",
            Self::ReadEvidence => "read_evidence",
            Self::ReadProofs => "read_proofs",
            Self::ExportOrders => "export_orders",
            Self::ActOnOrders => "act_on_orders",
            Self::LinkOrders => "link_orders",
            Self::ConfigureLogistics => "configure_logistics",
            Self::ConfigureShops => "configure_shops",
            Self::Sync => "sync",
            Self::ResolveParkedOrders => "resolve_parked_orders",
            Self::Operate => "operate",
            Self::ErasePersonalData => "erase_people",
            Self::ManageAccess => "manage_access",
        }
    }

    /// Who has it: the table of rights.
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Logistica, Superadmin, Ventas};
        match self {
            Self::ReadOrders | Self::ReadHistory | Self::ExportOrders => &Role::ALL,
            Self::ReadEvidence | Self::ReadProofs => &[Superadmin, Admin, Auditor],
            Self::ActOnOrders => &[Superadmin, Admin, Logistica, Ventas],
            Self::LinkOrders => &[Superadmin, Admin, Ventas],
            Self::ConfigureLogistics
            | Self::ConfigureShops
            | Self::Sync
            | Self::ResolveParkedOrders
            | Self::Operate
            | Self::ErasePersonalData
            | Self::ManageAccess => &[Superadmin],
        }
    }

    /// What it is to have it, to complete "this role may not …".
    pub const fn described(self) -> &'static str {
        match self {
            Self::ReadOrders => "read orders",
            Self::ReadHistory => "read the history of orders",
            Self::ReadEvidence => "see raw evidence",
            Self::ReadProofs => "take dossiers of orders or checkpoints of the ledger",
            Self::ExportOrders => "export orders",
            Self::ActOnOrders => "cancel orders or comment on them",
            Self::LinkOrders => "have shop orders linked",
            Self::ConfigureLogistics => "see or change the logistics configuration",
            Self::ConfigureShops => "configure shops",
            Self::Sync => "start or see a sync",
            Self::ResolveParkedOrders => "see or resolve parked orders",
            Self::Operate => "see how accounts fare, or what was given up",
            Self::ErasePersonalData => "erase the personal data of orders",
            Self::ManageAccess => "see or change tenants, people or keys",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_exact_name() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("admin".parse::<Role>(), Err(UnknownRole));
    }

    #[test]
    fn the_staff_may_do_everything_and_who_only_reads_changes_nothing() {
        for right in Right::ALL {
            assert!(Role::Superadmin.may(right), "{right:?}");
            let reads = matches!(right, Right::ReadOrders | Right::ReadHistory | Right::ExportOrders);
            let audits = matches!(right, Right::ReadEvidence | Right::ReadProofs);
            assert_eq!(Role::Viewer.may(right), reads, "{right:?}");
            assert_eq!(Role::Auditor.may(right), reads || audits, "{right:?}");
        }
    }
}
