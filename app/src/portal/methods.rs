//! `/account/payment-methods`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddOwnMethod, MakeOwnMethodPrimary, RemoveOwnMethod, list_own_methods};
use super::page::tabs;
use crate::kit::permission::Permission;
use crate::payments::ways;
use crate::shell::use_viewer;
use crate::ui::{Bone, Crumb, Loaded, PageHeader, Resource, use_live};

/// See the module.
pub struct AccountMethodsPage;

#[lazy_route]
impl LazyRoute for AccountMethodsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let methods = Resource::new_blocking(|| (), |()| list_own_methods());
        let may = use_viewer().can(Permission::WriteAccount);
        use_live(&["payment_method"], move |_| methods.refetch());
        view! {
            <PageHeader title="Our payment methods" crumbs=vec![Crumb::new("Our account", "/account")]/>
            {tabs()}
            <Loaded of=methods skeleton=Bone::Card(200) whole=true let:of>
                {ways::card::<AddOwnMethod, MakeOwnMethodPrimary, RemoveOwnMethod>(of, methods, may, None)}
            </Loaded>
        }
        .into_any()
    }
}
