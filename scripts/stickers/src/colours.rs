//! The theme's colours (assets/css/tokens.css), and what stickers need beside them.

use crate::draw::{Rgb, rgb};

pub const INK: Rgb = rgb(0x1e1838);
pub const WHITE: Rgb = rgb(0xffffff);
pub const MIST: Rgb = rgb(0xf5efff);
pub const VEIL: Rgb = rgb(0xe5d9f2);
pub const PERIWINKLE: Rgb = rgb(0xcdc1ff);
pub const SOFT: Rgb = rgb(0xa594f9);
pub const SLATE: Rgb = rgb(0x7371fc);
pub const DEEP: Rgb = rgb(0x5c52d9);
pub const POLLEN: Rgb = rgb(0xffd66b);
pub const HONEY: Rgb = rgb(0xe0a100);
pub const CREAM: Rgb = rgb(0xfff3d1);
pub const BUTTER: Rgb = rgb(0xffe9a8);
pub const SAGE: Rgb = rgb(0x5ec79b);
pub const FERN: Rgb = rgb(0x2b8765);
pub const DEW: Rgb = rgb(0xdcf1e6);
pub const MINT: Rgb = rgb(0xc3e6d4);
pub const POPPY: Rgb = rgb(0xf2718a);
pub const CHERRY: Rgb = rgb(0xcf3554);
pub const BLUSH: Rgb = rgb(0xfde3e8);
pub const ROSE: Rgb = rgb(0xfacdd7);
pub const NIGHT: Rgb = rgb(0x2a2247);
pub const DUSK: Rgb = rgb(0x3b3168);

/// Of the sprig alone.
pub const SHADE: Rgb = rgb(0x8f80f3);
pub const LIMB: Rgb = rgb(0x8171ee);
pub const CHEEK: Rgb = rgb(0xe79ad6);
pub const MOUTH: Rgb = rgb(0x4a2458);
pub const RAIN: Rgb = rgb(0x8fbcf2);
pub const SKY: Rgb = rgb(0xdbe8fb);
pub const CLOUD: Rgb = rgb(0xbccdf0);
