//! Dunning on both databases, told day by day.

mod course;
mod gateway;
mod people;
mod shop;
mod weather;
