//! Documents as PDF.
