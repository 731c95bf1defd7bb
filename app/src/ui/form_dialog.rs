//! A button that opens a dialog with one form: what hurts and what wants a reason, asked in the same way everywhere.

use leptos::prelude::*;

use super::action::ServerAction;
use super::button::{Kind, SubmitButton};
use super::dialog::{CancelButton, Dialog, DialogActions, DialogButton, use_dialog};
use super::form::{Posted, Target, form};
use super::icon::{Glyph, Icon};
use super::toast::use_toasts;

/// What a [`FormDialog`] says around its fields.
pub struct Ask {
    opens: String,
    whose: String,
    icon: Option<Glyph>,
    button: Kind,
    title: String,
    wide: bool,
    cancel: &'static str,
    does: String,
    kind: Kind,
    said: String,
}

impl Ask {
    /// `opens` stands on the button that opens it, `title` above the fields, `does` on the button that does it.
    pub fn new(opens: impl Into<String>, title: impl Into<String>, does: impl Into<String>) -> Self {
        Self {
            opens: opens.into(),
            whose: String::new(),
            icon: None,
            button: Kind::default(),
            title: title.into(),
            wide: false,
            cancel: "Cancel",
            does: does.into(),
            kind: Kind::Primary,
            said: String::new(),
        }
    }

    /// Of the button that opens it.
    pub fn icon(self, icon: Glyph) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// How much the button that opens it asks for attention.
    pub fn button(self, button: Kind) -> Self {
        Self { button, ..self }
    }

    /// In a list: whose button it is, for those who hear it.
    pub fn whose(self, name: &str) -> Self {
        Self { whose: format!(" {name}"), ..self }
    }

    /// With room for more than a few fields.
    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// On the button that leaves it as it is.
    pub fn cancel(self, cancel: &'static str) -> Self {
        Self { cancel, ..self }
    }

    /// What it does takes something away.
    pub fn danger(self) -> Self {
        Self { kind: Kind::Danger, ..self }
    }

    /// The news when it is done.
    pub fn said(self, said: impl Into<String>) -> Self {
        Self { said: said.into(), ..self }
    }
}

/// See the module. Its children are the fields and what will happen; it closes when the answer is good, and `on_ok`
/// hears that.
#[component]
pub fn FormDialog<S: Posted>(
    of: Ask,
    action: ServerAction<S>,
    #[prop(optional, into)] on_ok: Option<Callback<(S::Output,)>>,
    children: Children,
) -> impl IntoView {
    asking(of, Target::of(action, on_ok), children)
}

/// The part that knows no type.
fn asking(of: Ask, to: Target, children: Children) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let Ask { opens, whose, icon, button, title, wide, cancel, does, kind, said } = of;
    let to = to.after(move || {
        dialog.close();
        if !said.is_empty() {
            toasts.say(said.clone());
        }
    });
    let fields = move || {
        view! {
            {children()}
            <DialogActions>
                <CancelButton label=cancel/>
                <SubmitButton kind>{does}</SubmitButton>
            </DialogActions>
        }
        .into_any()
    };
    let whose = (!whose.is_empty()).then(|| view! { <span class="visually-hidden">{whose}</span> });
    view! {
        <DialogButton of=dialog kind=button>{icon.map(|of| view! { <Icon of/> })} {opens} {whose}</DialogButton>
        <Dialog of=dialog title wide>
            {form(to, "form", None, Box::new(fields))}
        </Dialog>
    }
    .into_any()
}
