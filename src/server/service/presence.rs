//! Who is there, told only to those who may know.
