//! Drawing a chart with the module `charts.js`, which is fetched with the first one.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlDivElement, MediaQueryList, ResizeObserver};

#[wasm_bindgen(inline_js = "export const charts = () => import(`${document.documentElement.dataset.pkg}/charts.js`);")]
extern "C" {
    fn charts() -> Promise;
}

struct Plot {
    element: Element,
    option: String,
    /// The module and its handle, once there.
    drawn: Option<(JsValue, JsValue)>,
    gone: bool,
}

impl Plot {
    fn call(&self, name: &str, more: Option<&JsValue>) {
        if let Some((module, handle)) = &self.drawn {
            if let Some(function) = function(module, name) {
                let _ = match more {
                    Some(more) => function.call2(&JsValue::NULL, handle, more),
                    None => function.call1(&JsValue::NULL, handle),
                };
            }
        }
    }

    fn draw(&mut self, module: JsValue) {
        if self.gone {
            return;
        }
        let handle =
            function(&module, "mount").and_then(|mount| mount.call2(&JsValue::NULL, &self.element, &JsValue::from_str(&self.option)).ok());
        if let Some(handle) = handle {
            self.drawn = Some((module, handle));
        }
    }
}

fn function(module: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(module, &JsValue::from_str(name)).ok()?.dyn_into().ok()
}

/// A chart on the page; it fills its element, follows its size and the theme, and is freed when dropped.
pub struct Chart {
    plot: Rc<RefCell<Plot>>,
    observer: Option<ResizeObserver>,
    dark: Option<MediaQueryList>,
    _on_resize: Closure<dyn Fn()>,
    on_theme: Closure<dyn Fn()>,
}

impl Chart {
    pub fn mount(element: HtmlDivElement, option: String) -> Self {
        let plot = Rc::new(RefCell::new(Plot { element: element.clone().into(), option, drawn: None, gone: false }));
        let loaded = Rc::clone(&plot);
        leptos::task::spawn_local(async move {
            if let Ok(module) = leptos::__reexports::wasm_bindgen_futures::JsFuture::from(charts()).await {
                loaded.borrow_mut().draw(module);
            }
        });
        let resized = Rc::clone(&plot);
        let on_resize = Closure::<dyn Fn()>::new(move || resized.borrow().call("resize", None));
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        let themed = Rc::clone(&plot);
        let on_theme = Closure::<dyn Fn()>::new(move || {
            let plot = themed.borrow();
            plot.call("update", Some(&JsValue::from_str(&plot.option)));
        });
        let dark = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
        let changed = on_theme.as_ref().unchecked_ref();
        if let Some(dark) = &dark {
            let _ = dark.add_event_listener_with_callback("change", changed);
        }
        let _ = document().add_event_listener_with_callback("themechange", changed);
        Self { plot, observer, dark, _on_resize: on_resize, on_theme }
    }

    pub fn update(&self, option: String) {
        let mut plot = self.plot.borrow_mut();
        plot.option = option;
        plot.call("update", Some(&JsValue::from_str(&plot.option)));
    }
}

impl Drop for Chart {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
        let changed = self.on_theme.as_ref().unchecked_ref();
        if let Some(dark) = &self.dark {
            let _ = dark.remove_event_listener_with_callback("change", changed);
        }
        let _ = document().remove_event_listener_with_callback("themechange", changed);
        let mut plot = self.plot.borrow_mut();
        plot.gone = true;
        plot.call("dispose", None);
        plot.drawn = None;
    }
}
