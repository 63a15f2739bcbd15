//! What there is.

use super::{GROUND, confetti, hat, here, ring, sparkle, stage, twos};
use crate::colours::*;
use crate::draw::{Canvas, P, Place, Shape, blend, curve, rgb};
use crate::num::{arc, cos, mix, pulse, ramp, sin};
use crate::sprig::{Eyes, Mouth, Pose, shadow, sprig};

pub fn heart(t: f32) -> Canvas {
    let mut canvas = stage(MIST, BLUSH, (100.0, 100.0, 92.0), MIST);
    canvas.fill(&Shape::circle(100.0, 100.0, 92.0), BLUSH);
    let beat = pulse(0.0, 0.12, t) + 0.6 * pulse(0.24, 0.12, t);
    for at in 0..10 {
        let turn = at as f32 / 10.0 + 0.05;
        let out = ring(t, if at % 2 == 0 { 0.15 } else { 0.0 });
        let size = ramp(0.05, 0.3, out) * (1.0 - ramp(0.6, 1.0, out));
        if size > 0.1 {
            let far = mix(58.0, 92.0, out);
            let place = here(100.0 + far * cos(turn), 100.0 + far * sin(turn), size).turn(turn + 0.125);
            let colour = [SLATE, SOFT, POLLEN][at % 3];
            canvas.fill(&Shape::petal(15.0, 13.0).to(place), colour);
        }
    }
    let size = 1.0 + 0.09 * beat;
    let place = here(100.0, 104.0, size);
    let outline = Shape::heart(66.0).to(place);
    let inside = canvas.mask(&outline);
    canvas.fill(&outline, blend(POPPY, CHERRY, 0.45));
    canvas.fill_within(&Shape::heart(66.0).to(place.at(-4.0, -6.0)), POPPY, &inside);
    let glint = Shape::stroke(&curve((-46.0, -20.0), (-45.0, -40.0), (-28.0, -46.0)), 5.0, 9.0);
    canvas.fill(&glint.to(place), ROSE);
    for side in [-1.0, 1.0] {
        canvas.fill(&Shape::ellipse(side * 30.0, 3.0, 9.0, 5.4).to(place), CHERRY);
        canvas.fill(&Shape::bow((side * 19.0, -6.0), (8.0, 8.5), (0.53, 0.97), 5.0).to(place), INK);
    }
    canvas.fill(&Shape::bow((0.0, 2.0), (8.0, 7.5), (0.04, 0.46), 4.4).to(place), INK);
    canvas
}

pub fn coin(t: f32) -> Canvas {
    let mut canvas = stage(MIST, VEIL, (52.0, 54.0, 58.0), BUTTER);
    let t = ring(t, 0.5);
    let ground = here(86.0, GROUND, 1.05);
    shadow(&mut canvas, ground, 46.0, 0.0, POLLEN);
    let flight = arc(0.14, 0.86, t);
    let throw = pulse(0.1, 0.1, t) + pulse(0.9, 0.08, t);
    let hand: P = (58.0, -40.0 - 9.0 * pulse(0.15, 0.08, t) + 4.0 * throw);
    let pose = Pose {
        stretch: -0.05 * throw + 0.05 * flight,
        sway: 0.25 * sin(t),
        eyes: Eyes::Open(0.9, mix(0.5, -1.0, flight)),
        mouth: if flight > 0.1 { Mouth::O(0.45 + 0.25 * flight) } else { Mouth::Smile },
        face: (5.0, -2.0 - 3.0 * flight),
        left: (-53.0, -20.0),
        right: hand,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let (x, y) = (86.0 + 1.05 * 61.0, GROUND - 1.05 * (52.0 + 79.0 * flight));
    let turn = if flight > 0.0 { cos(3.0 * (t - 0.14) / 0.72) } else { 1.0 };
    let place = here(x, y, 1.0).scale(1.0, turn.abs().max(0.12));
    canvas.fill(&Shape::circle(0.0, 0.0, 18.5).to(place.at(0.0, 3.0 * (1.1 - turn.abs()))), HONEY);
    canvas.fill(&Shape::circle(0.0, 0.0, 18.0).to(place), POLLEN);
    canvas.fill(&Shape::circle(0.0, 0.0, 13.6).to(place), blend(POLLEN, HONEY, 0.35));
    canvas.fill(&Shape::circle(0.0, 0.0, 12.2).to(place), BUTTER);
    let (up, down) = (Shape::petal(9.0, 7.0), Shape::petal(8.0, 6.5));
    let petals = up.to(place.at(0.5, -1.0)).with(up.to(place.at(0.5, 7.0)));
    canvas.fill(&petals, HONEY);
    canvas.fill(&down.to(place.at(-0.5, 3.0).scale(-1.0, 1.0)), HONEY);
    sparkle(&mut canvas, (x + 14.0, y - 14.0), 9.0 * pulse(0.5, 0.2, t), WHITE);
    sparkle(&mut canvas, (x - 26.0, y - 4.0), 7.0 * pulse(0.42, 0.14, t), HONEY);
    canvas
}

pub fn rain(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(SKY, SKY, (0.0, 0.0, 0.0), CLOUD);
    for at in 0..12_u16 {
        let of = f32::from(at);
        let x = 10.0 + 16.4 * of;
        let fall = ring(2.0 * ones, crate::num::chance(u32::from(at) + 40));
        let y = mix(26.0, 190.0, fall);
        // Under the leaf it is dry.
        if (44.0..150.0).contains(&x) && y > 62.0 {
            continue;
        }
        canvas.fill(&Shape::stroke(&[(x, y), (x - 2.0, y + 13.0)], 2.4, 3.8), RAIN);
    }
    for (x, y, offset) in [(22.0, 178.0, 0.2), (176.0, 182.0, 0.7), (164.0, 170.0, 0.45)] {
        let out = ring(ones, offset);
        if out < 0.6 {
            let r = 3.0 + 16.0 * out;
            canvas.fill(&Shape::bow((x, y), (r, r * 0.36), (0.0, 1.0), 2.4 * (1.0 - out)), RAIN);
        }
    }
    let sway = sin(t);
    let ground = here(98.0, GROUND, 0.98);
    shadow(&mut canvas, ground, 46.0, 0.0, RAIN);
    let hand: P = (40.0, -50.0 - 1.5 * sway);
    let pose = Pose {
        stretch: 0.015 * sin(2.0 * t),
        lean: 0.02 * sway,
        sway: 0.0,
        eyes: if (0.4..0.5).contains(&t) { Eyes::Shut } else { Eyes::Open(0.5, -0.8) },
        mouth: Mouth::Smile,
        left: (-47.0, -14.0),
        right: hand,
        reach: false,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let place = ground.at(hand.0, hand.1).turn(0.012 * sway);
    canvas.fill(&Shape::stroke(&curve((1.0, 10.0), (5.0, -24.0), (-14.0, -62.0)), 5.0, 4.0).to(place), FERN);
    canvas.fill(&Shape::circle(1.5, -1.0, 7.0).to(place), LIMB);
    let top = Shape::blob(&[
        (-104.0, -46.0),
        (-84.0, -78.0),
        (-44.0, -97.0),
        (4.0, -92.0),
        (36.0, -68.0),
        (48.0, -38.0),
        (22.0, -52.0),
        (-6.0, -51.0),
        (-32.0, -60.0),
        (-60.0, -53.0),
    ])
    .to(place);
    let inside = canvas.mask(&top);
    canvas.fill(&top, FERN);
    canvas.fill_within(&Shape::ellipse(-40.0, -92.0, 84.0, 36.0).to(place), SAGE, &inside);
    for end in [(-82.0, -56.0), (-40.0, -54.0), (6.0, -50.0), (36.0, -48.0)] {
        canvas.fill_within(
            &Shape::stroke(&curve((-22.0, -96.0), (end.0 * 0.7, -84.0), end), 2.6, 1.6).to(place),
            MINT,
            &inside,
        );
    }
    for (x, y, r) in
        [(30.0, 16.0, 22.0), (62.0, 8.0, 26.0), (98.0, 6.0, 24.0), (134.0, 10.0, 24.0), (168.0, 16.0, 22.0)]
    {
        canvas.fill(&Shape::circle(x, y, r), WHITE);
    }
    canvas
}

pub fn coffee(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(CREAM, POLLEN, (150.0, 84.0, 44.0), VEIL);
    canvas.fill(&Shape::circle(150.0, 84.0, 36.0), BUTTER);
    canvas.fill(&Shape::ellipse(96.0, 218.0, 152.0, 62.0), VEIL);
    let ground = here(92.0, GROUND, 1.08);
    shadow(&mut canvas, ground, 47.0, 0.0, PERIWINKLE);
    let sip = 0.5 - 0.5 * cos(t);
    let pose = Pose {
        stretch: 0.03 * sip - 0.01,
        lean: 0.01 * sin(t),
        sway: 0.3 * sin(t - 0.1),
        eyes: if (0.3..0.75).contains(&t) { Eyes::Shut } else { Eyes::Happy },
        mouth: Mouth::Smile,
        face: (-4.0, -6.0),
        left: (8.0, -16.0 - 2.0 * sip),
        right: (47.0, -18.0 - 2.0 * sip),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let place = ground.at(28.0, -3.0 - 2.0 * sip);
    canvas.fill(&Shape::bow((17.0, -15.0), (9.0, 8.0), (0.74, 1.26), 5.0).to(place), WHITE);
    canvas.fill(&Shape::slab(-17.0, -27.0, 34.0, 26.0, 8.0).to(place), WHITE);
    canvas.fill(&Shape::ellipse(0.0, -26.0, 17.0, 4.6).to(place), PERIWINKLE);
    canvas.fill(&Shape::ellipse(0.0, -25.6, 14.0, 3.4).to(place), rgb(0x7a4b2e));
    canvas.fill(&Shape::heart(6.0).to(place.at(0.0, -12.0)), POPPY);
    for side in [-1.0, 1.0] {
        canvas.fill(&Shape::circle(side * 19.0, -13.0, 7.0).to(place), LIMB);
    }
    for (x, offset) in [(-5.0, 0.0), (5.0, 0.5)] {
        let up = ring(ones, offset);
        let line: Vec<P> = (0..=10)
            .map(|at| at as f32 / 10.0)
            .map(|part| (x + 8.0 + 14.0 * part + 2.6 * sin(part * 1.1 + up + offset), -31.0 - 9.0 * up - 13.0 * part))
            .collect();
        let width = 4.0 * ramp(0.0, 0.3, up) * (1.0 - ramp(0.6, 1.0, up));
        if width > 0.6 {
            canvas.fill(&Shape::stroke(&line, width, width * 0.5).to(place), WHITE);
        }
    }
    canvas
}

pub fn cake(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(MIST, VEIL, (100.0, 82.0, 80.0), BUTTER);
    confetti(&mut canvas, ones, 9);
    let ground = here(100.0, GROUND - 18.0, 0.95);
    let bob = sin(2.0 * t);
    let pose = Pose {
        stretch: 0.025 * bob,
        lean: 0.025 * sin(t),
        sway: 0.35 * sin(t - 0.15),
        eyes: if (0.5..0.7).contains(&t) { Eyes::Happy } else { Eyes::Stars },
        mouth: Mouth::Laugh(0.35),
        face: (0.0, -14.0),
        left: (-52.0, -46.0 - 5.0 * bob),
        right: (52.0, -46.0 + 5.0 * bob),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    hat(&mut canvas, ground.lean(pose.lean).at(27.0, -73.0).turn(0.09));
    canvas.fill(&Shape::ellipse(100.0, 186.0, 62.0, 8.0), POLLEN);
    canvas.fill(&Shape::slab(46.0, 148.0, 108.0, 38.0, 9.0), POPPY);
    canvas.fill(&Shape::slab(46.0, 166.0, 108.0, 6.0, 1.0), BLUSH);
    let icing = Shape::slab(43.0, 141.0, 114.0, 14.0, 7.0)
        .with(Shape::slab(50.0, 148.0, 13.0, 15.0, 6.5))
        .with(Shape::slab(74.0, 148.0, 13.0, 20.0, 6.5))
        .with(Shape::slab(97.0, 148.0, 13.0, 14.0, 6.5))
        .with(Shape::slab(118.0, 148.0, 13.0, 19.0, 6.5))
        .with(Shape::slab(138.0, 148.0, 13.0, 13.0, 6.5));
    canvas.fill(&icing, WHITE);
    for (at, (x, colour)) in [(66.0, SLATE), (134.0, SAGE)].into_iter().enumerate() {
        canvas.fill(&Shape::slab(x - 3.0, 128.0, 6.0, 16.0, 2.0), colour);
        canvas.fill(&Shape::stroke(&[(x - 2.6, 138.0), (x + 2.6, 133.0)], 2.4, 2.4), WHITE);
        let flicker = sin(3.0 * t + 0.3 * at as f32);
        let place =
            Place::HERE.at(x, 129.0).lean(0.22 * flicker).scale(1.0, 1.0 + 0.14 * sin(2.0 * t + 0.4 * at as f32));
        canvas.fill(&Shape::leaf(7.5, 17.0).to(place), HONEY);
        canvas.fill(&Shape::leaf(4.4, 10.0).to(place), CREAM);
    }
    canvas
}
