//! A line without axes.

use leptos::prelude::*;

/// The course of `values`, drawn to the width there is. It says nothing alone: a figure stands beside it.
#[component]
pub fn Sparkline(values: Vec<i64>) -> impl IntoView {
    view! {
        <svg class="spark" viewBox="0 0 1000 240" preserveAspectRatio="none" aria-hidden="true">
            <polyline points=points(&values)></polyline>
        </svg>
    }
}

/// `x,y` pairs in a box of 1000 × 240 with the lowest value near the bottom.
fn points(values: &[i64]) -> String {
    let low = values.iter().copied().min().unwrap_or(0);
    let high = values.iter().copied().max().unwrap_or(0);
    let span = (i128::from(high) - i128::from(low)).max(1);
    let steps = values.len().saturating_sub(1).max(1);
    let mut out = String::new();
    for (i, value) in values.iter().enumerate() {
        let y = if high == low { 120 } else { 225 - (i128::from(*value) - i128::from(low)) * 210 / span };
        out.push_str(&(i * 1000 / steps).to_string());
        out.push(',');
        out.push_str(&y.to_string());
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn a_line_fills_its_box() {
        assert_eq!(points(&[0, 5, 10]), "0,225 500,120 1000,15 ");
        assert_eq!(points(&[7, 7]), "0,120 1000,120 ");
        assert_eq!(points(&[i64::MIN, i64::MAX]), "0,225 1000,15 ");
    }
}
