//! Payments on both databases, told as what happens at a till.

mod call_off;
mod charges;
mod desk;
mod disorder;
mod disputes;
mod inbound;
mod methods;
mod money;
mod paybacks;
mod sequences;
mod stripe;
mod stripe_fake;
mod till;
