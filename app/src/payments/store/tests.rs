//! Payments on both databases, told as what happens at a till.

mod methods;
mod money;
mod sequences;
mod till;
