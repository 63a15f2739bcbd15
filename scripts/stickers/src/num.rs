//! Numbers and easing. Nothing here asks the system's maths library: its last bits differ between machines, and the files have to
//! come out the same everywhere.

pub const TURN: f32 = 6.283_185_5;

/// Sine of `turns` whole turns.
pub fn sin(turns: f32) -> f32 {
    let x = turns - (turns + 0.5).floor();
    // Folded to a quarter, where seven terms are exact to a ten-thousandth.
    let x = if x > 0.25 {
        0.5 - x
    } else if x < -0.25 {
        -0.5 - x
    } else {
        x
    };
    let a = x * TURN;
    let b = a * a;
    a * (1.0 - b / 6.0 * (1.0 - b / 20.0 * (1.0 - b / 42.0)))
}

pub fn cos(turns: f32) -> f32 {
    sin(turns + 0.25)
}

pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 up to `from`, 1 from `to` on, smooth between.
pub fn ramp(from: f32, to: f32, t: f32) -> f32 {
    let x = ((t - from) / (to - from)).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Up and down again once over `from..to`, by a parabola: a jump.
pub fn arc(from: f32, to: f32, t: f32) -> f32 {
    let x = (t - from) / (to - from);
    if (0.0..=1.0).contains(&x) { 4.0 * x * (1.0 - x) } else { 0.0 }
}

/// A smooth hump with its top at `at`, `width` to each side; time is a ring.
pub fn pulse(at: f32, width: f32, t: f32) -> f32 {
    let x = (t - at) - (t - at + 0.5).floor();
    1.0 - ramp(0.0, width, x.abs())
}

/// Something between 0 and 1 that is the same for the same number.
pub fn chance(seed: u32) -> f32 {
    let mut x = seed.wrapping_mul(0x9e37_79b9).wrapping_add(0x85eb_ca6b);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2c1b_3c6d);
    x ^= x >> 12;
    x = x.wrapping_mul(0x297a_2d39);
    x ^= x >> 15;
    (x >> 8) as f32 / 16_777_216.0
}
