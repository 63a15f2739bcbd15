//! Sprig, who lives in all of the stickers: a round bud with a face, and the mark of Lavender growing from its head.

use crate::colours::*;
use crate::draw::{Canvas, P, Place, Rgb, Shape, curve};

#[derive(Clone, Copy, PartialEq)]
pub enum Eyes {
    /// Looking somewhere: -1 to 1 in both directions.
    Open(f32, f32),
    /// Two arcs, as one has them when smiling.
    Happy,
    Shut,
    /// `> <`
    Tight,
    Wide,
    Hearts,
    Stars,
    /// Brows inwards.
    Cross,
    /// Brows outwards, wet.
    Sad,
    Wink,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Mouth {
    Smile,
    /// Wide open, by how much.
    Laugh(f32),
    O(f32),
    Flat,
    Wobble(f32),
    Teeth,
    Cat,
    /// To one side.
    Hm,
}

/// How it stands. Lengths are pixels of a sprig that is 88 wide.
#[derive(Clone, Copy)]
pub struct Pose {
    /// Above 0 stretched, below 0 squashed; its volume stays.
    pub stretch: f32,
    pub lean: f32,
    /// How far the petals on the head are behind.
    pub sway: f32,
    pub eyes: Eyes,
    pub mouth: Mouth,
    /// Where the face is on the body.
    pub face: P,
    pub left: P,
    pub right: P,
    /// Feet above the ground.
    pub feet: (f32, f32),
    pub body: (Rgb, Rgb, Rgb),
    pub cheek: Rgb,
    /// Arms before the body, or behind it.
    pub reach: bool,
}

pub const VIOLET: (Rgb, Rgb, Rgb) = (SOFT, SHADE, LIMB);

impl Default for Pose {
    fn default() -> Self {
        Self {
            stretch: 0.0,
            lean: 0.0,
            sway: 0.0,
            eyes: Eyes::Open(0.0, 0.0),
            mouth: Mouth::Smile,
            face: (0.0, 0.0),
            left: (-54.0, -22.0),
            right: (54.0, -22.0),
            feet: (0.0, 0.0),
            body: VIOLET,
            cheek: CHEEK,
            reach: false,
        }
    }
}

impl Pose {
    fn place(&self, ground: Place) -> Place {
        let y = 1.0 + self.stretch;
        ground.lean(self.lean).scale(1.0 / (0.4 + 0.6 * y), y)
    }
}

/// The shadow under something on the ground, smaller the higher that is.
pub fn shadow(canvas: &mut Canvas, ground: Place, width: f32, height: f32, colour: Rgb) {
    let w = width * (1.0 - 0.006 * height).max(0.4);
    canvas.fill(&Shape::ellipse(0.0, 1.0, w, w * 0.15).to(ground), colour);
}

pub fn sprig(canvas: &mut Canvas, ground: Place, pose: &Pose) {
    let (body, shade, limb) = pose.body;
    let place = pose.place(ground);
    for (x, lift) in [(-18.0, pose.feet.0), (18.0, pose.feet.1)] {
        canvas.fill(&Shape::ellipse(x * 1.06, -5.0 - lift, 13.0, 7.0).to(ground), limb);
    }
    head(canvas, place, pose);
    if !pose.reach {
        arms(canvas, place, pose);
    }
    let outline = Shape::blob(&[
        (0.0, -3.0),
        (-27.0, -4.5),
        (-43.0, -18.0),
        (-45.0, -41.0),
        (-36.0, -66.0),
        (-18.0, -81.0),
        (2.0, -85.0),
        (21.0, -80.0),
        (37.0, -65.0),
        (45.0, -41.0),
        (43.0, -18.0),
        (27.0, -4.5),
    ])
    .to(place);
    let inside = canvas.mask(&outline);
    canvas.fill(&outline, shade);
    // Light comes from the upper left, softly: the lit part is the same body, moved.
    let lit = Shape::ellipse(-7.0, -52.0, 48.0, 50.0).to(place);
    canvas.fill_within(&lit, body, &inside);
    let glint = Shape::stroke(&curve((-33.0, -52.0), (-31.0, -67.0), (-20.0, -74.0)), 3.0, 6.0).to(place);
    canvas.fill_within(&glint, crate::draw::blend(body, WHITE, 0.42), &inside);
    face(canvas, place.at(pose.face.0, pose.face.1), pose);
    if pose.reach {
        arms(canvas, place, pose);
    }
}

fn arms(canvas: &mut Canvas, place: Place, pose: &Pose) {
    let limb = pose.body.2;
    for (side, hand) in [(-1.0, pose.left), (1.0, pose.right)] {
        let shoulder = if pose.reach { (side * 37.0, -33.0) } else { (side * 36.0, -38.0) };
        let middle = ((shoulder.0 + hand.0) / 2.0, (shoulder.1 + hand.1) / 2.0);
        // Elbows are low, and out.
        let elbow = (middle.0 + side * 5.0, middle.1 + 6.0);
        canvas.fill(&Shape::stroke(&curve(shoulder, elbow, hand), 11.0, 9.5).to(place), limb);
        canvas.fill(&Shape::circle(hand.0, hand.1, 7.0).to(place), limb);
    }
}

/// The mark: a stem with petals to the right, the left, the right, and a bud.
fn head(canvas: &mut Canvas, place: Place, pose: &Pose) {
    let sway = pose.sway;
    let tip = (sway * 15.0, -117.0 + (sway * sway) * 4.0);
    let stem = curve((0.0, -80.0), (0.0, -100.0), tip);
    canvas.fill(&Shape::stroke(&stem, 5.0, 4.0).to(place), DEEP);
    let on = |part: usize| stem[part];
    let turn = sway * 0.05;
    let (x, y) = on(3);
    let right = Shape::petal(27.0, 19.0).to(place.at(x + 1.0, y).turn(turn - 0.01));
    canvas.fill(&right, SLATE);
    let (x, y) = on(8);
    let left = Shape::petal(23.0, 16.5).to(place.at(x - 1.0, y).scale(-1.0, 1.0).turn(-0.02 - turn));
    canvas.fill(&left, PERIWINKLE);
    let (x, y) = on(12);
    let upper = Shape::petal(18.0, 13.5).to(place.at(x + 1.0, y).turn(turn - 0.045));
    canvas.fill(&upper, SLATE);
    let bud = Shape::leaf(9.5, 20.0).to(place.at(tip.0, tip.1 + 3.0).turn(turn * 1.6 - 0.07));
    canvas.fill(&bud, POLLEN);
}

fn face(canvas: &mut Canvas, place: Place, pose: &Pose) {
    for side in [-1.0, 1.0] {
        canvas.fill(&Shape::ellipse(side * 28.0, -36.5, 7.5, 4.6).to(place), pose.cheek);
    }
    eyes(canvas, place, pose.eyes);
    mouth(canvas, place, pose.mouth);
}

fn eyes(canvas: &mut Canvas, place: Place, eyes: Eyes) {
    const Y: f32 = -48.0;
    const X: f32 = 17.0;
    match eyes {
        Eyes::Open(x, y) => open(canvas, place, (x, y), 1.0),
        Eyes::Wide => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::ellipse(side * X, Y - 1.0, 10.5, 12.0).to(place), WHITE);
                canvas.fill(&Shape::circle(side * X, Y - 1.0, 5.0).to(place), INK);
                canvas.fill(&Shape::circle(side * X - 1.6, Y - 3.0, 1.7).to(place), WHITE);
            }
        }
        Eyes::Happy => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::bow((side * X, Y + 3.0), (7.0, 7.5), (0.53, 0.97), 4.2).to(place), INK);
            }
        }
        Eyes::Shut => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::bow((side * X, Y - 2.0), (7.5, 5.5), (0.04, 0.46), 4.0).to(place), INK);
            }
        }
        Eyes::Wink => {
            canvas.fill(&Shape::bow((X, Y + 3.0), (7.0, 7.0), (0.53, 0.97), 4.2).to(place), INK);
            one(canvas, place.at(-X, Y), (0.3, 0.0), 1.0);
        }
        Eyes::Tight => {
            for side in [-1.0, 1.0] {
                let line = [(side * (X + 6.5), Y - 6.5), (side * (X - 5.0), Y), (side * (X + 6.5), Y + 6.0)];
                canvas.fill(&Shape::stroke(&line, 4.2, 4.2).to(place), INK);
            }
        }
        Eyes::Hearts => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::heart(10.5).to(place.at(side * X, Y).turn(side * 0.025)), CHERRY);
                canvas.fill(&Shape::ellipse(side * X - 4.0, Y - 4.5, 2.2, 1.7).to(place), WHITE);
            }
        }
        Eyes::Stars => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::circle(side * X, Y, 9.5).to(place), INK);
                canvas.fill(&Shape::star(4, 8.5, 3.0).to(place.at(side * X, Y)), POLLEN);
            }
        }
        Eyes::Cross => {
            open(canvas, place, (0.0, 0.5), 0.95);
            for side in [-1.0, 1.0] {
                let brow = [(side * 28.0, Y - 14.0), (side * 8.5, Y - 5.5)];
                canvas.fill(&Shape::stroke(&brow, 4.0, 5.4).to(place), INK);
            }
        }
        Eyes::Sad => {
            open(canvas, place, (0.0, 0.6), 1.12);
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::circle(side * X + 2.2, Y + 3.8, 1.7).to(place), WHITE);
                let brow = curve((side * 8.5, Y - 15.0), (side * 15.0, Y - 14.5), (side * 25.0, Y - 9.0));
                canvas.fill(&Shape::stroke(&brow, 3.6, 3.0).to(place), INK);
            }
        }
    }
    fn open(canvas: &mut Canvas, place: Place, look: P, size: f32) {
        for side in [-1.0, 1.0] {
            one(canvas, place.at(side * X, Y), look, size);
        }
    }
    fn one(canvas: &mut Canvas, place: Place, (x, y): P, size: f32) {
        let place = place.at(x * 2.6, y * 2.4);
        canvas.fill(&Shape::ellipse(0.0, 0.0, 5.6 * size, 7.2 * size).to(place), INK);
        canvas.fill(&Shape::circle(-1.7 + x, -2.7 + y, 2.3).to(place), WHITE);
    }
}

fn mouth(canvas: &mut Canvas, place: Place, mouth: Mouth) {
    const Y: f32 = -35.0;
    match mouth {
        Mouth::Smile => canvas.fill(&Shape::bow((0.0, Y - 3.5), (7.5, 6.5), (0.04, 0.46), 3.6).to(place), INK),
        Mouth::Flat => canvas.fill(&Shape::stroke(&[(-6.0, Y), (6.0, Y)], 3.6, 3.6).to(place), INK),
        Mouth::Hm => {
            canvas
                .fill(&Shape::stroke(&curve((-5.0, Y + 1.5), (3.0, Y + 1.5), (7.0, Y - 2.0)), 3.4, 3.4).to(place), INK);
        }
        Mouth::Cat => {
            for side in [-1.0, 1.0] {
                canvas.fill(&Shape::bow((side * 4.4, Y - 3.0), (4.4, 4.6), (0.0, 0.5), 3.2).to(place), INK);
            }
        }
        Mouth::O(size) => {
            canvas.fill(&Shape::ellipse(0.0, Y + 1.5, 6.0 * size, 7.5 * size).to(place), MOUTH);
            canvas.fill(&Shape::ellipse(0.0, Y + 1.5 + 4.2 * size, 3.6 * size, 2.6 * size).to(place), POPPY);
        }
        Mouth::Laugh(open) => {
            let h = 5.0 + 12.0 * open;
            let lips = Shape::blob(&[
                (-12.0, Y - 4.0),
                (0.0, Y - 3.0),
                (12.0, Y - 4.0),
                (10.5, Y - 4.0 + h * 0.62),
                (0.0, Y - 4.0 + h),
                (-10.5, Y - 4.0 + h * 0.62),
            ])
            .to(place);
            let inside = canvas.mask(&lips);
            canvas.fill(&lips, MOUTH);
            canvas.fill_within(&Shape::ellipse(0.0, Y - 2.0 + h, 8.5, 0.5 * h).to(place), POPPY, &inside);
        }
        Mouth::Wobble(t) => {
            let line: Vec<P> = (0..=12)
                .map(|at| at as f32 / 12.0)
                .map(|x| (-8.5 + 17.0 * x, Y + 1.0 + 2.2 * crate::num::sin(1.5 * x + t)))
                .collect();
            canvas.fill(&Shape::stroke(&line, 3.4, 3.4).to(place), INK);
        }
        Mouth::Teeth => {
            let lips = Shape::slab(-11.0, Y - 5.0, 22.0, 12.0, 5.0).to(place);
            canvas.fill(&lips, INK);
            for at in 0..3 {
                canvas.fill(&Shape::slab(-8.6 + 6.0 * at as f32, Y - 2.7, 5.2, 7.4, 1.6).to(place), WHITE);
            }
        }
    }
}
