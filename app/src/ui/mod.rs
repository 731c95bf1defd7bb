//! The design system: everything a page is built from, and the only place with `<table>`, `<form>` and `<dialog>`.
//!
//! It knows the kit and no feature. One file per noun. What only a browser can do is in `browser`, which has a twin for
//! the server that does nothing; the same goes for `status`, which only a server can do. Style: `style/ui/NOUN.css`.
//!
//! Invariants: everything shown works without JavaScript unless it says otherwise here; no identifier that an element
//! refers to is compared in Rust (see `id`); parts handed to a component as a property are `AnyView`s, and what must
//! have a type (a form, what is fetched, a table) keeps it at its edge, so that a component is compiled once and not once
//! per page.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser_ssr.rs"]
mod browser;
#[cfg(feature = "ssr")]
mod status;
#[cfg(not(feature = "ssr"))]
#[path = "status_browser.rs"]
mod status;

pub mod icon;

mod action;
mod attention;
mod avatar;
mod badge;
mod button;
mod card;
mod chart;
mod column;
mod dialog;
mod empty;
mod error;
mod facts;
mod field;
mod field_special;
mod filter;
mod filter_menu;
mod form;
mod form_dialog;
mod frame;
#[cfg(feature = "hydrate")]
mod hydrated;
mod id;
mod kpi;
mod live;
mod loaded;
mod menu;
mod moment;
mod money;
mod page;
mod pager;
mod palette;
mod popover;
mod prefetch;
mod progress;
mod resource;
mod segmented;
mod selection;
mod shortcuts;
mod sidebar;
mod skeleton;
mod spark;
mod static_table;
mod steps;
mod table;
mod tabs;
mod theme;
mod timeline;
mod toast;
mod upload;
mod views;

pub use action::ServerAction;
pub use attention::{Attention, AttentionItem};
pub use avatar::{Avatar, Identity};
pub use badge::{Badge, CountBadge, Tone};
pub use button::{Button, CopyButton, IconButton, IconLink, Kind, LinkButton, SubmitButton};
pub use card::{Callout, Card};
pub use chart::Chart;
pub use column::{Column, ColumnChoice, Listing, Phone, Row};
pub use dialog::{CancelButton, ConfirmDialog, Dialog, DialogActions, DialogButton, DialogRef, use_dialog};
pub use empty::Empty;
pub use error::{ErrorPage, ErrorPanel};
pub use facts::{Fact, Facts};
pub use field::{CheckboxField, HiddenField, Input, PasswordField, SelectField, TextArea, TextField};
pub use field_special::{Choice, CodeField, DateField, FileField, MoneyField, RadioField};
pub use filter::FilterBar;
pub use filter_menu::Filter;
pub use form::{Form, FormError, FormState, FormValues, GetForm, Posted, provide_refused};
pub use form_dialog::{Ask, FormDialog};
pub use frame::Frame;
#[cfg(feature = "hydrate")]
pub use hydrated::hydrate;
pub use icon::{Glyph, Icon};
pub use id::unique;
pub use kpi::{Definition, Delta, Kpi, KpiCard};
pub use live::{LiveEvent, use_live};
pub use loaded::Loaded;
pub use menu::{Look, Menu, MenuAction, MenuCheck, MenuHeading, MenuLink, MenuSeparator, MenuSubmit};
pub use moment::{Exactly, When};
pub use money::Amount;
pub use page::{Crumb, PageHeader};
pub use pager::page_links;
pub use palette::{Palette, PaletteEntry, PaletteSearch};
pub use popover::{Explain, Peek, Popover};
pub use prefetch::on_link_intent;
pub use progress::Progress;
pub use resource::Resource;
pub use segmented::{Segment, Segmented};
pub use selection::{BulkBar, Selection, use_selection};
pub use shortcuts::{Shortcut, Shortcuts};
pub use sidebar::{NavGroup, NavItem};
pub use skeleton::{Bone, Skeleton};
pub use spark::Sparkline;
pub use static_table::{Head, SimpleTable};
pub use steps::Steps;
pub use table::DataTable;
pub use tabs::{Tab, Tabs};
pub use theme::{ThemeSwitch, root_attributes, theme_entries};
pub use timeline::{Timeline, TimelineItem};
pub use toast::{Toaster, Toasts, provide_toasts, use_toasts};
pub use upload::UploadForm;
pub use views::{SavedView, ViewsList, ViewsMenu, ViewsSlot};

pub(crate) use browser::settle_address;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};

use crate::kit::paging::ListQuery;

/// What the list in the address bar shows.
pub fn use_list_query() -> Memo<ListQuery> {
    let map = use_query_map();
    browser::settled_memo(Memo::new(move |_| {
        let pairs = map.read().clone().into_iter().map(|(key, value)| (key.to_string(), value));
        ListQuery::from_pairs(pairs.filter(|(key, _)| !key.starts_with("__")))
    }))
}

/// The part of the path that its route calls `name`: `use_param("id")` below `/invoices/:id`.
pub fn use_param(name: &'static str) -> Memo<String> {
    let params = use_params_map();
    browser::settled_memo(Memo::new(move |_| params.read().get(name).unwrap_or_default()))
}

/// Where to sign in, and come back to this page as it was when the component was made.
pub(crate) fn sign_in_here() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    let query = query.trim_start_matches('?');
    // Of a form that led back without JavaScript, the refusal stands there.
    let here = if query.is_empty() || query.contains("__path") { path } else { format!("{path}?{query}") };
    format!("/sign-in?next={}", crate::kit::paging::escape(&here))
}

/// The path of the page, as it was when the component was made.
pub(crate) fn path_now() -> String {
    use_location().pathname.get_untracked()
}
