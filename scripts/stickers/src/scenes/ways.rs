//! What one does.

use super::{GROUND, SIZE, confetti, hat, here, rays, ring, sparkle, stage, twos};
use crate::colours::*;
use crate::draw::{Canvas, P, Place, Rgb, Shape, blend, curve};
use crate::num::{arc, cos, mix, pulse, ramp, sin};
use crate::sprig::{Eyes, Mouth, Pose, VIOLET, shadow, sprig};

pub fn hello(t: f32) -> Canvas {
    let mut canvas = stage(MIST, BUTTER, (40.0, 44.0, 54.0), VEIL);
    let ground = here(94.0, GROUND, 1.1);
    shadow(&mut canvas, ground, 47.0, 0.0, PERIWINKLE);
    let wave = sin(2.0 * t + 0.2);
    let hand: P = (60.0 + 9.0 * wave, -76.0 - 2.5 * wave * wave);
    let pose = Pose {
        stretch: 0.02 * sin(2.0 * t + 0.1),
        lean: 0.035 + 0.025 * sin(t),
        sway: 0.35 * sin(2.0 * t - 0.2),
        eyes: if (0.55..0.72).contains(&t) { Eyes::Wink } else { Eyes::Open(0.5, -0.2) },
        mouth: Mouth::Laugh(0.35),
        face: (3.0, -2.0),
        left: (-53.0, -20.0),
        right: hand,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let place = ground.lean(pose.lean);
    let (x, y) = place.map(hand);
    let show = |side: f32| ramp(0.2, 0.9, side * wave);
    for (turn, side) in [(0.94, 1.0), (0.04, 1.0), (0.56, -1.0), (0.66, -1.0)] {
        let part = show(side);
        if part > 0.15 {
            rays(&mut canvas, (x, y), &[turn], (15.0, 15.0 + 9.0 * part), 4.4, SLATE);
        }
    }
    canvas
}

pub fn party(t: f32) -> Canvas {
    let mut canvas = stage(MIST, BLUSH, (152.0, 48.0, 62.0), BUTTER);
    confetti(&mut canvas, t, 12);
    let hop = arc(0.0, 0.5, ring(2.0 * t, 0.25) * 0.5);
    let land = pulse(0.0, 0.12, ring(2.0 * t, 0.25));
    let ground = here(100.0, GROUND - 15.0 * hop, 1.0);
    shadow(&mut canvas, here(100.0, GROUND, 1.0), 46.0, 30.0 * hop, POLLEN);
    let up = sin(2.0 * t);
    let pose = Pose {
        stretch: 0.06 * hop - 0.1 * land,
        lean: 0.05 * sin(t),
        sway: -0.4 * sin(t) - 0.3 * land,
        eyes: Eyes::Happy,
        mouth: Mouth::Laugh(0.7 + 0.3 * hop),
        face: (0.0, -3.0),
        left: (-58.0, -66.0 + 9.0 * up),
        right: (58.0, -66.0 - 9.0 * up),
        feet: (-3.0 * hop, -3.0 * hop),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    hat(&mut canvas, ground.lean(pose.lean).at(26.0, -74.0 - 100.0 * pose.stretch.min(0.0) * 0.2).turn(0.085));
    canvas
}

pub fn sleepy(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = Canvas::new(SIZE, NIGHT);
    canvas.fill(&Shape::circle(44.0, 50.0, 24.0), BUTTER);
    canvas.fill(&Shape::circle(55.0, 44.0, 21.0), NIGHT);
    for (at, (x, y, r)) in
        [(86.0, 22.0, 6.0), (150.0, 24.0, 5.0), (24.0, 108.0, 4.5), (182.0, 112.0, 4.5), (180.0, 40.0, 4.0)]
            .into_iter()
            .enumerate()
    {
        sparkle(&mut canvas, (x, y), r * (0.7 + 0.3 * sin(t + 0.23 * at as f32)), BUTTER);
    }
    canvas.fill(&Shape::ellipse(96.0, 218.0, 152.0, 62.0), DUSK);
    let breath = 0.5 - 0.5 * cos(t);
    for (x, y, rx, ry) in [(62.0, 164.0, 34.0, 16.0), (128.0, 163.0, 38.0, 17.0), (96.0, 170.0, 62.0, 16.0)] {
        canvas.fill(&Shape::ellipse(x, y, rx, ry), VEIL);
    }
    canvas.fill(&Shape::ellipse(96.0, 161.0, 44.0, 7.0), PERIWINKLE);
    let ground = here(94.0, 162.0, 1.04);
    let pose = Pose {
        stretch: -0.08 + 0.06 * breath,
        lean: 0.05,
        sway: 0.7 - 0.25 * breath,
        eyes: Eyes::Shut,
        mouth: Mouth::O(0.36 + 0.24 * breath),
        face: (4.0, 4.0 - 2.0 * breath),
        left: (-43.0, -10.0),
        right: (45.0, -10.0),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    for (offset, big) in [(0.3, 1.0), (0.63, 0.8), (0.96, 1.0)] {
        let up = ring(ones, offset);
        let size = big * mix(4.0, 10.0, up) * ramp(0.0, 0.2, up) * (1.0 - ramp(0.8, 1.0, up));
        if size > 1.0 {
            let place =
                here(mix(126.0, 168.0, up) + 4.0 * sin(up * 1.5), mix(94.0, 70.0 - 14.0 * big, up), size).turn(-0.03);
            let z = [(-0.7, -0.8), (0.7, -0.8), (-0.7, 0.8), (0.7, 0.8)];
            canvas.fill(&Shape::stroke(&z, 0.42, 0.42).to(place), PERIWINKLE);
        }
    }
    canvas
}

pub fn dance(t: f32) -> Canvas {
    let mut canvas = stage(DEW, MINT, (100.0, 70.0, 72.0), WHITE);
    let side = sin(t + 0.2);
    let bounce = cos(2.0 * t + 0.4);
    let x = 100.0 + 13.0 * side;
    let ground = here(x, GROUND, 1.02);
    shadow(&mut canvas, ground, 46.0, 0.0, MINT);
    let pose = Pose {
        stretch: 0.055 * bounce,
        lean: 0.14 * side,
        sway: -0.9 * sin(t + 0.06),
        eyes: Eyes::Happy,
        mouth: Mouth::Cat,
        face: (5.0 * side, -2.0),
        left: (-56.0, -42.0 + 30.0 * side),
        right: (56.0, -42.0 - 30.0 * side),
        feet: (9.0 * ramp(0.2, 1.0, side), 9.0 * ramp(0.2, 1.0, -side)),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    for (x, offset, colour, way) in [(30.0, 0.25, FERN, 1.0), (172.0, 0.58, SLATE, -1.0), (158.0, 0.92, POPPY, 1.0)] {
        let up = ring(t, offset);
        let size = ramp(0.0, 0.2, up) * (1.0 - ramp(0.75, 1.0, up));
        if size > 0.15 {
            let place = here(x + 8.0 * way * sin(up), mix(96.0, 26.0, up), size).turn(0.03 * way * sin(2.0 * up));
            note(&mut canvas, place, colour, way > 0.0);
        }
    }
    canvas
}

fn note(canvas: &mut Canvas, place: Place, colour: Rgb, is_double: bool) {
    let head = |x: f32| Shape::ellipse(0.0, 0.0, 6.0, 4.6).to(Place::HERE.at(x, 8.0).turn(-0.06));
    let stem = |x: f32| Shape::stroke(&[(x + 5.0, 7.0), (x + 5.0, -12.0)], 2.8, 2.8);
    let shape = if is_double {
        head(-7.0).with(head(8.0)).with(stem(-7.0)).with(stem(8.0)).with(Shape::stroke(
            &[(-2.0, -11.0), (13.0, -11.0)],
            5.4,
            5.4,
        ))
    } else {
        let flag = Shape::stroke(&curve((5.0, -12.0), (6.0, -5.0), (13.0, -3.0)), 4.2, 2.2);
        head(0.0).with(stem(0.0)).with(flag)
    };
    canvas.fill(&shape.to(place), colour);
}

pub fn clap(t: f32) -> Canvas {
    let mut canvas = stage(CREAM, BUTTER, (56.0, 50.0, 58.0), VEIL);
    let ground = here(100.0, GROUND, 1.1);
    shadow(&mut canvas, ground, 47.0, 0.0, PERIWINKLE);
    let beat = ring(2.0 * t, 0.0);
    let open = 1.0 - pulse(0.0, 0.42, beat);
    let hit = 1.0 - ramp(0.0, 0.45, beat);
    let pose = Pose {
        stretch: 0.03 * open - 0.03 * hit,
        lean: 0.03 * sin(t),
        sway: 0.35 * sin(2.0 * t - 0.1),
        eyes: Eyes::Happy,
        mouth: Mouth::Laugh(0.45 + 0.2 * hit),
        face: (0.0, -10.0),
        left: (-6.0 - 49.0 * open, -14.0 - 32.0 * open),
        right: (6.0 + 49.0 * open, -14.0 - 32.0 * open),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    if (0.02..0.6).contains(&(1.0 - hit)) || beat < 0.01 {
        let near = mix(11.0, 15.0, 1.0 - hit);
        rays(&mut canvas, (100.0, 155.0), &[0.65, 0.85, 0.15, 0.35], (near, near + 7.0 * hit), 4.0, MIST);
    }
    for (x, y, at, colour) in
        [(24.0, 62.0, 0.1, POPPY), (176.0, 52.0, 0.35, SLATE), (160.0, 22.0, 0.7, HONEY), (42.0, 24.0, 0.6, SOFT)]
    {
        sparkle(&mut canvas, (x, y), 11.0 * pulse(at, 0.3, t), colour);
    }
    canvas
}

/// A sign on a petal.
fn sign(canvas: &mut Canvas, place: Place, colour: Rgb, lines: &[&[P]]) {
    canvas.fill(&Shape::petal(52.0, 46.0).to(place), colour);
    for line in lines {
        canvas.fill(&Shape::stroke(line, 6.4, 6.4).to(place), WHITE);
    }
}

pub fn yes(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(DEW, MINT, (150.0, 50.0, 0.0), MINT);
    let ground = here(82.0, GROUND, 1.06);
    shadow(&mut canvas, ground, 46.0, 0.0, SAGE);
    let nod = pulse(0.3, 0.14, t) + pulse(0.62, 0.14, t);
    let pose = Pose {
        stretch: 0.02 - 0.09 * nod,
        sway: 0.5 * nod * (0.5 - ring(t, 0.0)) + 0.15 * sin(t),
        lean: 0.02,
        eyes: Eyes::Happy,
        mouth: Mouth::Laugh(0.4),
        face: (4.0, -6.0 + 9.0 * nod),
        left: (-52.0, -20.0 + 3.0 * nod),
        right: (56.0, -58.0 - 4.0 * pulse(0.1, 0.3, t)),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let pop = 1.0 + 0.12 * pulse(0.08, 0.16, t) + 0.05 * nod;
    let place = here(138.0, 78.0, pop);
    sign(&mut canvas, place, FERN, &[&[(14.0, -22.0), (23.0, -13.0), (39.0, -32.0)]]);
    canvas
}

pub fn no(t: f32) -> Canvas {
    let mut canvas = stage(VEIL, MIST, (50.0, 50.0, 0.0), MIST);
    let ground = here(82.0, GROUND, 1.06);
    shadow(&mut canvas, ground, 46.0, 0.0, PERIWINKLE);
    let shake = sin(2.0 * t);
    let pose = Pose {
        stretch: 0.01 * cos(4.0 * t),
        lean: 0.025 * shake,
        sway: -0.75 * sin(2.0 * t - 0.08),
        eyes: if (0.3..0.7).contains(&t) { Eyes::Shut } else { Eyes::Open(0.0, 0.0) },
        mouth: Mouth::Flat,
        face: (9.0 * shake, -4.0),
        left: (15.0, -15.0),
        right: (-15.0, -15.0),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let place = here(138.0, 78.0, 1.0 + 0.05 * cos(2.0 * t)).turn(0.012 * shake);
    sign(&mut canvas, place, CHERRY, &[&[(17.0, -32.0), (35.0, -14.0)], &[(35.0, -32.0), (17.0, -14.0)]]);
    canvas
}

pub fn thanks(ones: f32) -> Canvas {
    let t = ring(twos(ones), 0.5);
    let mut canvas = stage(MIST, VEIL, (100.0, 84.0, 78.0), BUTTER);
    let bow = ramp(0.1, 0.36, t) * (1.0 - ramp(0.66, 0.92, t));
    let ground = here(100.0, GROUND, 1.08);
    shadow(&mut canvas, ground, 47.0, 0.0, POLLEN);
    let pose = Pose {
        stretch: 0.02 - 0.11 * bow,
        sway: 0.12 * sin(t) + 0.55 * bow,
        eyes: if bow > 0.3 { Eyes::Shut } else { Eyes::Open(0.0, 0.1) },
        mouth: Mouth::Smile,
        face: (0.0, -8.0 + 9.0 * bow),
        left: (-5.5, -19.0 + 3.0 * bow),
        right: (5.5, -19.0 + 3.0 * bow),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    for (x, offset, colour, turn) in
        [(24.0, 0.0, SOFT, 0.1), (176.0, 0.35, SLATE, 0.6), (38.0, 0.6, POPPY, 0.8), (160.0, 0.85, POLLEN, 0.3)]
    {
        let fall = ring(ones, offset);
        let size = ramp(0.0, 0.15, fall) * (1.0 - ramp(0.8, 1.0, fall));
        if size > 0.1 {
            let place = here(x + 9.0 * sin(1.5 * fall), mix(16.0, 132.0, fall), size).turn(turn + 0.4 * fall);
            canvas.fill(&Shape::petal(15.0, 11.0).to(place), colour);
        }
    }
    canvas
}

pub fn hug(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(BLUSH, ROSE, (100.0, 80.0, 76.0), WHITE);
    let squeeze = 0.5 + 0.5 * cos(t);
    let rock = sin(t);
    let at = |side: f32| here(100.0 + side * mix(39.0, 35.0, squeeze) + 2.0 * rock, GROUND, 0.88);
    for side in [-1.0, 1.0] {
        shadow(&mut canvas, at(side), 46.0, 0.0, ROSE);
    }
    let friend = (POLLEN, blend(POLLEN, HONEY, 0.3), blend(POLLEN, HONEY, 0.5));
    let pose = |side: f32, body| Pose {
        stretch: 0.03 * squeeze,
        lean: -side * mix(0.05, 0.11, squeeze) + 0.02 * rock,
        sway: side * 0.5 * squeeze + 0.25 * sin(t - 0.15),
        eyes: if side < 0.0 { Eyes::Happy } else { Eyes::Shut },
        mouth: Mouth::Smile,
        face: (if side < 0.0 { 6.0 } else { 5.0 }, 1.0),
        body,
        cheek: if side < 0.0 { CHEEK } else { POPPY },
        ..Pose::default()
    };
    let right = Pose { left: (-30.0, -20.0), right: (46.0, -14.0), ..pose(1.0, friend) };
    sprig(&mut canvas, at(1.0), &right);
    let left = Pose { left: (-46.0, -14.0), right: (30.0, -20.0), ..pose(-1.0, VIOLET) };
    sprig(&mut canvas, at(-1.0), &left);
    // Each has an arm around the other.
    let over = |side: f32, limb: Rgb, canvas: &mut Canvas| {
        let place = at(side).lean(-side * mix(0.05, 0.11, squeeze) + 0.02 * rock);
        let arm = curve((-side * 31.0, -27.0), (-side * 50.0, -9.0), (-side * 72.0, mix(-13.0, -16.0, squeeze)));
        canvas.fill(&Shape::stroke(&arm, 11.0, 10.0).to(place), limb);
        let (x, y) = arm[16];
        canvas.fill(&Shape::circle(x, y, 7.0).to(place), limb);
    };
    over(-1.0, LIMB, &mut canvas);
    for (x, offset, r) in [(100.0, 0.55, 11.0), (84.0, 0.05, 7.0), (118.0, 0.3, 8.0)] {
        let up = ring(ones, offset);
        let grown = r * ramp(0.0, 0.25, up) * (1.0 - ramp(0.7, 1.0, up));
        if grown > 1.0 {
            canvas.fill(&Shape::heart(grown).to(Place::HERE.at(x + 5.0 * sin(1.5 * up), mix(66.0, 16.0, up))), CHERRY);
        }
    }
    canvas
}
