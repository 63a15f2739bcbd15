//! The stickers, each a function from time to a picture. Time runs from 0 to 1 and begins anew; the picture at 0 is the still one.

mod feelings;
mod things;
mod ways;

use crate::colours::*;
use crate::draw::{Canvas, P, Place, Rgb, Shape, curve};
use crate::num::{chance, cos, sin};

/// Pixels of a side.
pub const SIZE: usize = 160;
pub const FRAMES: usize = 20;
/// How high the ground is.
const GROUND: f32 = 170.0;

pub struct Scene {
    pub name: &'static str,
    pub delay_ms: u16,
    pub draw: fn(f32) -> Canvas,
}

pub fn all() -> Vec<Scene> {
    let scene = |name, draw| Scene { name, delay_ms: 60, draw };
    vec![
        scene("hello", ways::hello),
        scene("love", feelings::love),
        scene("laugh", feelings::laugh),
        scene("cry", feelings::cry),
        scene("party", ways::party),
        Scene { delay_ms: 100, ..scene("sleepy", ways::sleepy) },
        scene("think", feelings::think),
        scene("angry", feelings::angry),
        scene("wow", feelings::wow),
        scene("dance", ways::dance),
        scene("clap", ways::clap),
        scene("yes", ways::yes),
        scene("no", ways::no),
        scene("heart", things::heart),
        scene("coin", things::coin),
        Scene { delay_ms: 80, ..scene("rain", things::rain) },
        scene("thanks", ways::thanks),
        scene("hug", ways::hug),
        Scene { delay_ms: 80, ..scene("coffee", things::coffee) },
        scene("cake", things::cake),
        scene("cool", feelings::cool),
    ]
}

/// Paper with a hill, and something round in the sky.
fn stage(paper: Rgb, sky: Rgb, (x, y, r): (f32, f32, f32), hill: Rgb) -> Canvas {
    let mut canvas = Canvas::new(SIZE, paper);
    canvas.fill(&Shape::circle(x, y, r), sky);
    canvas.fill(&Shape::ellipse(96.0, 218.0, 152.0, 62.0), hill);
    canvas
}

fn here(x: f32, y: f32, size: f32) -> Place {
    Place::HERE.at(x, y).scale(size, size)
}

/// Four points, as light has on a thing that is new.
fn sparkle(canvas: &mut Canvas, (x, y): P, r: f32, colour: Rgb) {
    if r > 0.6 {
        canvas.fill(&Shape::star(4, r, r * 0.3).to(Place::HERE.at(x, y)), colour);
    }
}

/// Lines away from a middle, as a noise or a shock has.
fn rays(canvas: &mut Canvas, (x, y): P, turns: &[f32], (from, to): (f32, f32), width: f32, colour: Rgb) {
    for turn in turns {
        let (s, c) = (sin(*turn), cos(*turn));
        let line = [(x + from * c, y + from * s), (x + to * c, y + to * s)];
        canvas.fill(&Shape::stroke(&line, width, width * 0.6), colour);
    }
}

/// Bits of paper that fall once around in a loop.
fn confetti(canvas: &mut Canvas, t: f32, count: u32) {
    const COLOURS: [Rgb; 6] = [SLATE, POLLEN, POPPY, SAGE, SOFT, WHITE];
    for at in 0..count {
        let of = |part: u32| chance(at * 7 + part);
        let fall = (of(0) + t) - (of(0) + t).floor();
        let x = 8.0 + 184.0 * (at as f32 + 0.5 * of(1)) / count as f32 + 7.0 * sin(t + of(2));
        let place = Place::HERE
            .at(x, -14.0 + 228.0 * fall)
            .turn(of(3) + t)
            .scale(1.0, 0.35 + 0.65 * cos(2.0 * t + of(4)).abs());
        let piece = if at % 3 == 0 { Shape::circle(0.0, 0.0, 3.8) } else { Shape::slab(-3.2, -4.8, 6.4, 9.6, 1.6) };
        canvas.fill(&piece.to(place), COLOURS[at as usize % COLOURS.len()]);
    }
}

/// A paper hat that stands on the origin.
fn hat(canvas: &mut Canvas, place: Place) {
    let cone =
        Shape::blob(&[(-15.0, 0.0), (0.0, 4.0), (15.0, 0.0), (7.0, -17.0), (0.0, -35.0), (-7.0, -17.0)]).to(place);
    let inside = canvas.mask(&cone);
    canvas.fill(&cone, POPPY);
    for y in [-8.0, -21.0] {
        canvas.fill_within(
            &Shape::stroke(&curve((-18.0, y), (0.0, y + 7.0), (18.0, y)), 4.6, 4.6).to(place),
            POLLEN,
            &inside,
        );
    }
    canvas.fill(&Shape::circle(0.0, -36.0, 5.6).to(place), POLLEN);
}

/// Time in steps of two frames. What moves slowly is drawn on twos, as by hand: half the bytes, and it looks drawn.
fn twos(t: f32) -> f32 {
    const STEPS: f32 = FRAMES as f32 / 2.0;
    (t * STEPS + 0.001).floor() / STEPS
}

/// What is at `part` of the way of something that begins `offset` later.
fn ring(t: f32, offset: f32) -> f32 {
    (t + offset) - (t + offset).floor()
}
