//! Rooms as their members see them.
