//! The first page of somebody's PDF as a picture, for who must look at it without opening it: nothing in it runs, and
//! nothing is fetched for it.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};

/// Pixels of the longer side.
const LONGEST: f32 = 1_400.0;
/// A page may hold others within each other; those want more than a thread has by itself.
const STACK: usize = 64 * 1024 * 1024;

/// The first page as PNG. It takes as long as it takes: call it where nothing waits.
///
/// # Errors
/// Why it cannot be drawn: it is broken, locked, or has no page.
pub fn first_page(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let drawing = std::thread::Builder::new().stack_size(STACK).spawn(move || draw(bytes)).map_err(|e| e.to_string())?;
    drawing.join().unwrap_or_else(|_| Err("It broke the renderer.".to_owned()))
}

fn draw(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let pdf = Pdf::new(bytes).map_err(|e| format!("{e:?}"))?;
    let page = pdf.pages().iter().next().ok_or("It has no page.")?;
    let (width, height) = page.render_dimensions();
    let longer = width.max(height);
    if !(longer.is_finite() && longer > 0.0) {
        return Err("Its page has no size.".to_owned());
    }
    let scale = LONGEST / longer;
    // A cast of a float stops at the ends, so this is from 1 to LONGEST.
    let pixels = |side: f32| ((side * scale).round() as u16).max(1);
    let settings =
        RenderSettings { x_scale: scale, y_scale: scale, width: Some(pixels(width)), height: Some(pixels(height)), bg_color: WHITE };
    hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings).into_png().map_err(|e| e.to_string())
}
