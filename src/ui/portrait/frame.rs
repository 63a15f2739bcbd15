//! The square part of a picture that somebody keeps. Pure: a picture in its own pixels, under a square stage whose sides are 1.

use crate::model::Crop;

/// A share of the stage.
pub type Point = (f64, f64);

/// No closer than that so many pixels are kept, unless the picture has no more.
const LEAST: f64 = 128.0;
/// How close one can go in any picture.
const CLOSEST: f64 = 8.0;

/// The part that the stage shows: its left upper corner in pixels of the picture, and how close it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Frame {
    width: f64,
    height: f64,
    zoom: f64,
    left: f64,
    top: f64,
}

impl Frame {
    /// The largest square in the middle of a picture of so many pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let side = width.min(height);
        Self { width, height, zoom: 1.0, left: (width - side) / 2.0, top: (height - side) / 2.0 }
    }

    fn side(self) -> f64 {
        self.width.min(self.height) / self.zoom
    }

    pub fn zoom(self) -> f64 {
        self.zoom
    }

    pub fn closest(self) -> f64 {
        (self.width.min(self.height) / LEAST).clamp(1.0, CLOSEST)
    }

    /// The picture follows a finger.
    #[must_use]
    pub fn moved(self, (x, y): Point) -> Self {
        let side = self.side();
        Self { left: self.left - x * side, top: self.top - y * side, ..self }.bounded()
    }

    /// Closer by a factor, with what is at `about` staying there.
    #[must_use]
    pub fn zoomed(self, factor: f64, about: Point) -> Self {
        self.at_zoom(self.zoom * factor, about)
    }

    #[must_use]
    pub fn at_zoom(self, zoom: f64, (x, y): Point) -> Self {
        if !zoom.is_finite() {
            return self;
        }
        let closer = Self { zoom: zoom.clamp(1.0, self.closest()), ..self };
        let gone = self.side() - closer.side();
        Self { left: self.left + x * gone, top: self.top + y * gone, ..closer }.bounded()
    }

    fn bounded(self) -> Self {
        let side = self.side();
        let left = self.left.clamp(0.0, (self.width - side).max(0.0));
        Self { left, top: self.top.clamp(0.0, (self.height - side).max(0.0)), ..self }
    }

    /// The part in whole pixels.
    pub fn crop(self) -> Crop {
        let side = self.side().round().max(1.0);
        let whole = |at: f64, length: f64| at.round().min(length - side).max(0.0) as u32;
        Crop { x: whole(self.left, self.width), y: whole(self.top, self.height), side: side as u32 }
    }

    /// Where the picture lies on the stage.
    pub fn style(self) -> String {
        let of = |length: f64| 100.0 * length / self.side();
        let (width, height) = (of(self.width), of(self.height));
        format!("width:{width:.3}%;height:{height:.3}%;left:{:.3}%;top:{:.3}%", 0.0 - of(self.left), 0.0 - of(self.top))
    }
}

/// The fingers on the stage: one moves, two also zoom.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Grip(Vec<(i32, Point)>);

impl Grip {
    pub fn press(&mut self, id: i32, at: Point) {
        self.0.retain(|(other, _)| *other != id);
        // A third one says nothing.
        if self.0.len() < 2 {
            self.0.push((id, at));
        }
    }

    pub fn lift(&mut self, id: i32) {
        self.0.retain(|(other, _)| *other != id);
    }

    pub fn is_held(&self) -> bool {
        !self.0.is_empty()
    }

    /// What the move of a finger makes of the frame.
    #[must_use]
    pub fn moved(&mut self, id: i32, at: Point, frame: Frame) -> Frame {
        let Some(own) = self.0.iter().position(|(other, _)| *other == id) else { return frame };
        let before = self.0[own].1;
        self.0[own].1 = at;
        let by = (at.0 - before.0, at.1 - before.1);
        let Some((_, other)) = self.0.iter().find(|(other, _)| *other != id).copied() else { return frame.moved(by) };
        let apart = |one: Point| (one.0 - other.0).hypot(one.1 - other.1).max(0.02);
        let middle = ((before.0 + other.0) / 2.0, (before.1 + other.1) / 2.0);
        frame.zoomed(apart(at) / apart(before), middle).moved((by.0 / 2.0, by.1 / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIDDLE: Point = (0.5, 0.5);

    fn crop(x: u32, y: u32, side: u32) -> Crop {
        Crop { x, y, side }
    }

    #[test]
    fn it_begins_with_the_largest_square_in_the_middle() {
        assert_eq!(Frame::new(1_600, 900).crop(), crop(350, 0, 900));
        assert_eq!(Frame::new(301, 400).crop(), crop(0, 50, 301));
        assert_eq!(Frame::new(1, 1).crop(), crop(0, 0, 1));
        assert_eq!(Frame::new(0, 0).crop(), crop(0, 0, 1));
        assert_eq!(Frame::new(1_600, 900).style(), "width:177.778%;height:100.000%;left:-38.889%;top:0.000%");
    }

    #[test]
    fn what_is_under_the_finger_stays_there() {
        let frame = Frame::new(1_000, 1_000).zoomed(2.0, (0.25, 0.75));
        // The pixel at 250, 750.
        assert_eq!(frame.crop(), crop(125, 375, 500));
        assert_eq!(frame.at_zoom(1.0, MIDDLE).crop(), crop(0, 0, 1_000));
        // Dragged to the right, what was further left is seen.
        assert_eq!(frame.moved((0.1, 0.0)).crop(), crop(75, 375, 500));
        assert_eq!(frame.moved((9.0, -9.0)).crop(), crop(0, 500, 500));
    }

    #[test]
    fn nobody_goes_so_close_that_nothing_is_left() {
        assert!((Frame::new(10_000, 10_000).zoomed(1e9, MIDDLE).zoom() - CLOSEST).abs() < 1e-9);
        assert_eq!(Frame::new(256, 999).zoomed(1e9, MIDDLE).crop().side, 128);
        assert_eq!(Frame::new(64, 64).zoomed(5.0, MIDDLE).crop(), crop(0, 0, 64));
        let frame = Frame::new(300, 300);
        assert_eq!(frame.zoomed(f64::NAN, MIDDLE), frame);
    }

    #[test]
    fn two_fingers_zoom_about_their_middle_and_one_moves() {
        let (mut grip, frame) = (Grip::default(), Frame::new(1_024, 1_024));
        assert_eq!(grip.moved(1, (0.2, 0.2), frame), frame, "not pressed");
        grip.press(1, (0.4, 0.5));
        grip.press(2, (0.6, 0.5));
        grip.press(3, (0.9, 0.9));
        let frame = grip.moved(1, (0.3, 0.5), frame);
        let frame = grip.moved(2, (0.7, 0.5), frame);
        assert!((frame.zoom() - 2.0).abs() < 1e-9);
        assert_eq!(frame.crop(), crop(256, 256, 512));
        grip.lift(2);
        assert_eq!(grip.moved(1, (0.4, 0.5), frame).crop(), crop(205, 256, 512));
        grip.lift(1);
        assert!(!grip.is_held());
    }

    proptest! {
        #[test]
        fn the_part_is_always_inside(
            size in (1_u32..4_000, 1_u32..4_000),
            steps in proptest::collection::vec((0.2_f64..5.0, -2.0_f64..2.0, -2.0_f64..2.0), 0..12),
        ) {
            let mut frame = Frame::new(size.0, size.1);
            for (factor, x, y) in steps {
                frame = frame.zoomed(factor, (x, y)).moved((y, x));
                let Crop { x, y, side } = frame.crop();
                prop_assert!(side >= 1 && x + side <= size.0 && y + side <= size.1, "{frame:?}");
            }
        }
    }
}
