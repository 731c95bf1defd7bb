//! Who may do what: permissions, the roles that bundle them, and the markers by which server code names them in types.

use serde::{Deserialize, Serialize};

use crate::text_enum;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal => $label:literal),+ $(,)?) => {
        text_enum!(
            /// One thing that a role may allow.
            pub enum Permission { $($(#[$doc])* $name = $word => $label),+ }
        );

        /// One type for each permission, so that a handler's signature says what it needs.
        pub mod can {
            use super::{Can, Permission};
            $(
                #[doc = $label]
                pub struct $name;
                impl Can for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )+
        }
    };
}

/// A marker type that stands for a permission.
pub trait Can: Send + Sync + 'static {
    /// The permission it stands for.
    const PERMISSION: Permission;
}

permissions!(
    /// Every role has it: the own profile, password, second factor, sessions and notifications.
    UseConsole = "console.use" => "Use the console",
    ReadCustomers = "customers.read" => "See customers",
    WriteCustomers = "customers.write" => "Change customers",
    ReadPlans = "plans.read" => "See plans",
    WritePlans = "plans.write" => "Change plans",
    ReadSubscriptions = "subscriptions.read" => "See subscriptions",
    WriteSubscriptions = "subscriptions.write" => "Change subscriptions",
    ReadInvoices = "invoices.read" => "See invoices and the ledger",
    WriteInvoices = "invoices.write" => "Bill, and correct invoices",
    ReadPayments = "payments.read" => "See payments",
    WritePayments = "payments.write" => "Record payments and refunds",
    ReadRevenue = "revenue.read" => "See revenue",
    ReadImports = "imports.read" => "See imports",
    WriteImports = "imports.write" => "Import data",
    ReadAudit = "audit.read" => "See the audit log",
    ReadJobs = "jobs.read" => "See background jobs",
    WriteJobs = "jobs.write" => "Retry background jobs",
    WriteApiKeys = "api_keys.write" => "Manage API keys",
    WriteMembers = "members.write" => "Manage members",
    WriteSettings = "settings.write" => "Change the organization's settings",
    /// Of a tenant's staff, towards the platform.
    ReadAccount = "account.read" => "See what the organization is billed",
    WriteAccount = "account.write" => "Change the organization's own plan and payment methods",
);

text_enum!(
    /// A member's role in an organization. The platform and tenants share the engine, so they share the list; which
    /// roles are offered depends on the storey ([`Role::PLATFORM`], [`Role::TENANT`]).
    pub enum Role {
        Owner = "owner" => "Owner",
        Admin = "admin" => "Admin",
        Finance = "finance" => "Finance",
        Billing = "billing" => "Billing",
        Support = "support" => "Support",
        Staff = "staff" => "Staff",
        ReadOnly = "read_only" => "Read-only",
    }
);

impl Role {
    /// Roles of an operator.
    pub const PLATFORM: &'static [Role] = &[Role::Owner, Role::Admin, Role::Finance, Role::Support, Role::ReadOnly];
    /// Roles of a tenant's staff.
    pub const TENANT: &'static [Role] = &[Role::Owner, Role::Admin, Role::Billing, Role::Support, Role::Staff];

    /// What the role allows.
    pub fn permissions(self) -> Permissions {
        use Permission::*;
        let all = Permissions::of(Permission::ALL);
        let read = Permissions::of(&[UseConsole, ReadCustomers, ReadPlans, ReadSubscriptions]);
        match self {
            Role::Owner => all,
            Role::Admin => all,
            Role::Finance | Role::Billing => read.with(&[
                ReadAccount,
                WriteAccount,
                WriteCustomers,
                WritePlans,
                WriteSubscriptions,
                ReadInvoices,
                WriteInvoices,
                ReadPayments,
                WritePayments,
                ReadRevenue,
                ReadImports,
                WriteImports,
                ReadAudit,
                ReadJobs,
            ]),
            Role::Support => read.with(&[WriteCustomers, WriteSubscriptions, ReadInvoices, ReadPayments, ReadAudit]),
            Role::ReadOnly => read.with(&[ReadInvoices, ReadPayments, ReadRevenue, ReadAudit, ReadJobs]),
            Role::Staff => read,
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions(u64);

impl Permissions {
    pub fn of(list: &[Permission]) -> Self {
        Self(list.iter().fold(0, |bits, p| bits | 1 << *p as u64))
    }

    pub fn with(self, list: &[Permission]) -> Self {
        Self(self.0 | Self::of(list).0)
    }

    /// What both allow.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn allows(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// What an API key of read scope is left with.
    pub fn read_only(self) -> Self {
        use Permission::*;
        self.and(Self::of(&[
            ReadCustomers,
            ReadPlans,
            ReadSubscriptions,
            ReadInvoices,
            ReadPayments,
            ReadRevenue,
            ReadImports,
            ReadAudit,
            ReadJobs,
            ReadAccount,
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_is_allowed_more_than_an_owner_and_all_may_use_the_console() {
        for role in Role::ALL {
            let allowed = role.permissions();
            assert!(allowed.allows(Permission::UseConsole), "{role}");
            assert_eq!(allowed.and(Role::Owner.permissions()), allowed, "{role}");
        }
        assert!(!Role::Support.permissions().allows(Permission::ReadRevenue));
        assert!(!Role::Owner.permissions().read_only().allows(Permission::WriteCustomers));
        assert!(Role::Finance.permissions().read_only().allows(Permission::ReadImports));
    }
}
