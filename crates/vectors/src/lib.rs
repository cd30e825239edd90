//! Columns of steps and the algebra over them: what PromQL and LogQL compute alike.
//!
//! A query is evaluated at steps; a series' values at all steps are one [`Column`]. Which series meet which, and
//! which belong to one group, is decided from their labels alone, before any value is known ([`matching`],
//! [`aggregate::Groups`]); the rest is arithmetic over columns ([`binary`], [`aggregate`]). What is worth a
//! remark to the user is told as a [`Remark`], without text or place: those are the engine's.
//!
//! Reading order: [`mod@column`], [`remark`], [`matching`], [`binary`], [`aggregate`].

pub mod aggregate;
pub mod binary;
pub mod column;
pub mod kahan;
pub mod matching;
pub mod remark;

pub use column::{ABSENT, Cell, Column, is_absent};
pub use remark::{Remark, Remarks};
