//! Payments on both databases, told as what happens at a till.

mod charges;
mod desk;
mod inbound;
mod methods;
mod money;
mod paybacks;
mod sequences;
mod stripe;
mod stripe_fake;
mod till;
