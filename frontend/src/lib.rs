//! The browser half: hydrates the page that the server sent.

/// Called once by the page's script.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::ui::hydrate(app::shell::App);
}
