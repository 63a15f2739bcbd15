//! What one feels.

use super::{GROUND, here, rays, ring, sparkle, stage, twos};
use crate::colours::*;
use crate::draw::{Canvas, Place, Shape, curve};
use crate::num::{arc, cos, mix, pulse, ramp, sin};
use crate::sprig::{Eyes, Mouth, Pose, shadow, sprig};

pub fn love(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(BLUSH, ROSE, (44.0, 52.0, 62.0), WHITE);
    let ground = here(100.0, GROUND, 1.08);
    let beat = pulse(0.0, 0.14, t) + 0.7 * pulse(0.27, 0.14, t);
    shadow(&mut canvas, ground, 46.0, 0.0, VEIL);
    sprig(
        &mut canvas,
        ground,
        &Pose {
            stretch: 0.025 * beat - 0.01,
            lean: 0.03 * sin(t),
            sway: 0.5 * sin(t - 0.12),
            eyes: Eyes::Hearts,
            mouth: Mouth::Laugh(0.25 + 0.1 * beat),
            face: (0.0, -10.0),
            left: (-21.0, -14.0),
            right: (21.0, -14.0),
            reach: true,
            ..Pose::default()
        },
    );
    let size = 20.0 + 2.5 * beat;
    let place = ground.at(0.0, -14.0).turn(0.008 * sin(t));
    canvas.fill(&Shape::heart(size).to(place), CHERRY);
    canvas.fill(&Shape::heart(size * 0.84).to(place.at(-1.0, -1.0)), POPPY);
    canvas.fill(&Shape::stroke(&curve((-12.5, -4.0), (-12.5, -10.0), (-7.0, -12.0)), 3.4, 3.4).to(place), BLUSH);
    for side in [-1.0, 1.0] {
        canvas.fill(&Shape::circle(side * 20.0, -12.0, 7.0).to(ground), LIMB);
    }
    for (x, offset, r) in [(26.0, 0.1, 8.0), (172.0, 0.45, 10.0), (40.0, 0.65, 6.5), (160.0, 0.9, 6.0)] {
        let up = ring(ones, offset);
        let grown = r * ramp(0.0, 0.25, up) * (1.0 - ramp(0.75, 1.0, up));
        if grown > 1.0 {
            let place = Place::HERE.at(x + 5.0 * sin(up * 1.5), mix(128.0, 22.0, up)).turn(0.05 * sin(up * 1.5 + 0.2));
            canvas.fill(&Shape::heart(grown).to(place), POPPY);
        }
    }
    canvas
}

pub fn laugh(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(CREAM, BUTTER, (150.0, 46.0, 66.0), WHITE);
    let shake = sin(4.0 * t);
    let back = 0.06 + 0.05 * sin(t);
    let ground = here(100.0, GROUND, 1.1);
    shadow(&mut canvas, ground, 47.0, 0.0, BUTTER);
    let pose = Pose {
        stretch: 0.045 * shake,
        lean: back * 0.8,
        sway: -0.5 * sin(t) - 0.25 * sin(4.0 * t - 0.2),
        eyes: Eyes::Tight,
        mouth: Mouth::Laugh(0.85 + 0.15 * shake),
        face: (2.0, -5.0 - 1.5 * shake),
        left: (-15.0, -13.0 + shake),
        right: (17.0, -12.0 - shake),
        feet: (0.0, 5.0 * pulse(0.25, 0.25, t)),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    for (side, offset) in [(-1.0, 0.3), (1.0, 0.55), (-1.0, 0.8), (1.0, 0.05)] {
        let fly = ring(ones, offset);
        let (x, y) = (100.0 + side * mix(36.0, 84.0, fly) + 6.0, 100.0 - 36.0 * arc(0.0, 0.8, fly) + 46.0 * fly * fly);
        let r = 4.6 * ramp(0.0, 0.15, fly) * (1.0 - ramp(0.8, 1.0, fly));
        if r > 0.8 {
            let place = Place::HERE.at(x, y).turn(side * mix(0.3, -0.02, fly)).at(0.0, -2.0 * r);
            canvas.fill(&Shape::drop(r).to(place), RAIN);
        }
    }
    canvas
}

pub fn cry(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(SKY, CLOUD, (46.0, 44.0, 56.0), WHITE);
    let ground = here(100.0 + 0.7 * sin(4.0 * t), GROUND - 4.0, 1.08);
    canvas.fill(&Shape::ellipse(100.0, GROUND + 1.0, 68.0 + 2.5 * sin(2.0 * t), 12.5), CLOUD);
    canvas.fill(&Shape::ellipse(100.0, GROUND + 1.0, 55.0 + 2.5 * sin(2.0 * t - 0.2), 9.0), RAIN);
    let sob = pulse(0.3, 0.22, t);
    let pose = Pose {
        stretch: -0.03 + 0.045 * sob,
        lean: 0.012 * sin(2.0 * t),
        sway: -0.75 + 0.3 * sob,
        eyes: Eyes::Sad,
        mouth: Mouth::Wobble(2.0 * t),
        face: (0.0, 1.0 - 4.0 * sob),
        left: (-47.0, -12.0),
        right: (47.0, -12.0),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    for side in [-1.0, 1.0] {
        let (x, top) = (side * 20.5, -38.0 - 4.0 * sob);
        let stream = curve((x, top), (x + side * 9.0, top + 12.0), (x + side * 9.0, 3.0));
        canvas.fill(&Shape::stroke(&stream, 4.0, 8.5).to(ground), RAIN);
        for offset in [0.0, 0.34, 0.67] {
            let part = ring(2.0 * ones, offset + side * 0.1);
            let at = &stream[(part * 15.0) as usize];
            let glint = Shape::ellipse(at.0 - 0.6, at.1, 1.5, 3.6);
            canvas.fill(&glint.to(ground), WHITE);
        }
    }
    canvas
}

pub fn think(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(MIST, VEIL, (150.0, 50.0, 0.0), VEIL);
    let ground = here(84.0, GROUND, 1.05);
    shadow(&mut canvas, ground, 46.0, 0.0, PERIWINKLE);
    let tilt = sin(t);
    let pose = Pose {
        stretch: 0.012 * sin(2.0 * t),
        lean: -0.04 + 0.035 * tilt,
        sway: -0.25 + 0.35 * sin(t - 0.15),
        eyes: if (0.46..0.56).contains(&t) { Eyes::Shut } else { Eyes::Open(0.9, -0.9) },
        mouth: Mouth::Hm,
        face: (5.0, -5.0),
        left: (-42.0, -12.0),
        right: (17.0, -24.0 - 1.5 * pulse(0.2, 0.1, t) - 1.5 * pulse(0.45, 0.1, t)),
        reach: true,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let float = 2.0 * sin(t);
    canvas.fill(&Shape::circle(126.0, 84.0 + 0.4 * float, 4.6), WHITE);
    canvas.fill(&Shape::circle(136.0, 72.0 + 0.7 * float, 6.6), WHITE);
    let cloud =
        [(150.0, 42.0, 21.0), (130.0, 46.0, 16.0), (170.0, 46.0, 17.0), (158.0, 54.0, 15.0), (142.0, 55.0, 14.0)];
    for (x, y, r) in cloud {
        canvas.fill(&Shape::circle(x, y + float, r), WHITE);
    }
    for (at, colour) in [SOFT, SLATE, DEEP].into_iter().enumerate() {
        let open = 0.62 + 0.38 * pulse(0.12 + 0.17 * at as f32, 0.25, t);
        let place = Place::HERE.at(131.0 + 14.0 * at as f32, 52.0 + float).scale(open, open);
        canvas.fill(&Shape::petal(12.0, 10.0).to(place), colour);
    }
    canvas
}

pub fn angry(t: f32) -> Canvas {
    let mut canvas = stage(BLUSH, ROSE, (100.0, 88.0, 84.0), WHITE);
    let stomp = (arc(0.0, 0.5, t), arc(0.5, 1.0, t));
    let thump = pulse(0.0, 0.1, t) + pulse(0.5, 0.1, t);
    let ground = here(100.0 + if thump > 0.4 { 1.2 } else { -1.2 }, GROUND, 1.1);
    shadow(&mut canvas, here(100.0, GROUND, 1.1), 48.0, 0.0, ROSE);
    for (side, offset) in [(-1.0, 0.0), (1.0, 0.5), (-1.0, 0.5), (1.0, 0.0)] {
        let up = ring(t, offset);
        let r = mix(5.0, 11.0, up) * ramp(0.0, 0.15, up) * (1.0 - ramp(0.65, 1.0, up));
        if r > 1.0 {
            let (x, y) = (100.0 + side * mix(44.0, 76.0, up), mix(92.0, 48.0, up));
            canvas.fill(&Shape::circle(x, y, r).with(Shape::circle(x + side * r * 0.8, y + r * 0.35, r * 0.7)), WHITE);
        }
    }
    let pose = Pose {
        stretch: -0.05 * thump,
        lean: 0.02 * (stomp.0 - stomp.1),
        sway: 0.3 * sin(2.0 * t),
        eyes: Eyes::Cross,
        mouth: Mouth::Teeth,
        face: (0.0, 0.0),
        left: (-52.0, -14.0 - 5.0 * thump),
        right: (52.0, -14.0 - 5.0 * thump),
        feet: (9.0 * stomp.0, 9.0 * stomp.1),
        body: (POPPY, crate::draw::blend(POPPY, CHERRY, 0.35), crate::draw::blend(POPPY, CHERRY, 0.6)),
        cheek: CHERRY,
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let dust = 1.0 - thump;
    for side in [-1.0, 1.0] {
        if dust < 0.9 {
            canvas.fill(&Shape::circle(100.0 + side * mix(44.0, 62.0, dust), GROUND - 3.0, 6.0 * (1.0 - dust)), ROSE);
        }
    }
    canvas
}

pub fn wow(t: f32) -> Canvas {
    let mut canvas = stage(CREAM, BUTTER, (0.0, 0.0, 0.0), BUTTER);
    for at in 0..12 {
        let turn = at as f32 / 12.0 + 0.02;
        let place = Place::HERE.at(100.0, 104.0).turn(turn);
        canvas.fill(&Shape::polygon(&[(0.0, 0.0), (170.0, -21.0), (170.0, 21.0)]).to(place), BUTTER);
    }
    canvas.fill(&Shape::ellipse(96.0, 218.0, 152.0, 62.0), WHITE);
    let t = ring(t, 0.36);
    let jump = arc(0.16, 0.62, t);
    let crouch = pulse(0.1, 0.09, t) + 0.8 * pulse(0.66, 0.07, t);
    shadow(&mut canvas, here(100.0, GROUND, 0.98), 46.0, 60.0 * jump, BUTTER);
    let awe = ramp(0.12, 0.22, t) * (1.0 - ramp(0.88, 0.98, t));
    let ground = here(100.0, GROUND - 17.0 * jump, 0.98);
    let pose = Pose {
        stretch: 0.1 * jump - 0.13 * crouch,
        sway: 0.3 * sin(2.0 * t) * awe,
        eyes: if awe > 0.4 { Eyes::Wide } else { Eyes::Open(0.0, -0.3) },
        mouth: Mouth::O(0.55 + 0.65 * awe),
        face: (0.0, -3.0 * awe),
        left: (mix(-52.0, -60.0, awe), mix(-18.0, -66.0, awe)),
        right: (mix(52.0, 60.0, awe), mix(-18.0, -66.0, awe)),
        feet: (-5.0 * jump, -5.0 * jump),
        ..Pose::default()
    };
    sprig(&mut canvas, ground, &pose);
    let glow = |at: f32| pulse(at, 0.28, t);
    sparkle(&mut canvas, (28.0, 52.0), 13.0 * glow(0.3), SLATE);
    sparkle(&mut canvas, (172.0, 40.0), 15.0 * glow(0.45), POPPY);
    sparkle(&mut canvas, (180.0, 118.0), 10.0 * glow(0.2), HONEY);
    sparkle(&mut canvas, (20.0, 124.0), 11.0 * glow(0.5), SOFT);
    canvas
}

pub fn cool(ones: f32) -> Canvas {
    let t = twos(ones);
    let mut canvas = stage(SKY, POLLEN, (148.0, 56.0, 34.0), VEIL);
    canvas.fill(&Shape::circle(148.0, 56.0, 27.0), BUTTER);
    let t = ring(t, 0.62);
    let nod = pulse(0.46, 0.1, t);
    let ground = here(94.0, GROUND, 1.1);
    shadow(&mut canvas, ground, 47.0, 0.0, PERIWINKLE);
    // They come down from above, land, and are taken off upwards again.
    let down = ramp(0.08, 0.38, t) * (1.0 - ramp(0.88, 1.0, t));
    let is_on = down > 0.9;
    let pose = Pose {
        stretch: -0.05 * nod + 0.012 * sin(2.0 * t),
        lean: 0.05 * ramp(0.4, 0.55, t) * (1.0 - ramp(0.86, 1.0, t)),
        sway: 0.25 * sin(t) - 0.4 * nod,
        eyes: Eyes::Open(0.0, if is_on { 0.0 } else { -0.8 }),
        mouth: if is_on { Mouth::Hm } else { Mouth::Smile },
        face: (2.0, 3.0 * nod),
        left: (-50.0, -20.0),
        right: (46.0, -58.0),
        ..Pose::default()
    };
    let pose = if is_on { pose } else { Pose { right: (52.0, -20.0), ..pose } };
    sprig(&mut canvas, ground, &pose);
    let place = ground.lean(pose.lean).at(2.0, mix(-150.0, -48.0, down) + 4.0 * nod).turn(mix(-0.06, 0.0, down));
    for side in [-1.0, 1.0] {
        let glass = Shape::blob(&[
            (side * 4.0, -7.0),
            (side * 17.0, -8.5),
            (side * 31.0, -7.0),
            (side * 29.0, 4.0),
            (side * 18.0, 9.0),
            (side * 7.0, 5.0),
        ])
        .to(place);
        let inside = canvas.mask(&glass);
        canvas.fill(&glass, INK);
        let x = side * 17.0 + mix(-22.0, 26.0, ramp(0.5, 0.78, t));
        canvas.fill_within(&Shape::stroke(&[(x - 5.0, 10.0), (x + 5.0, -10.0)], 5.0, 5.0).to(place), SOFT, &inside);
    }
    canvas.fill(&Shape::stroke(&[(-33.0, -7.5), (33.0, -7.5)], 4.0, 4.0).to(place), INK);
    sparkle(&mut canvas, (132.0, 92.0), 13.0 * pulse(0.64, 0.16, t), WHITE);
    rays(
        &mut canvas,
        (148.0, 56.0),
        &[0.6, 0.72, 0.84, 0.96, 0.08, 0.2],
        (40.0, 46.0 + 4.0 * cos(2.0 * t)),
        4.0,
        POLLEN,
    );
    canvas
}
