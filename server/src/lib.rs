//! The program around the product: settings, database, HTTP, commands.

pub mod cli;
pub mod commands;
pub mod config;
pub mod database;
pub mod http;
pub mod serve;
pub mod site;
