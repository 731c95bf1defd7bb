//! Payments on both databases.
