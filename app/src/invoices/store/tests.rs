//! Billing on both databases, told as lives: what is sold, what happens, what is billed.

mod arrears;
mod changes;
mod corrections;
mod life;
mod pages;
mod prices;
mod random;
mod runs;
mod scenarios;
