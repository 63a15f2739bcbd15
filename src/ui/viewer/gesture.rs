//! What fingers, mice and wheels mean over a picture. Pure. All points are CSS pixels from the middle of the stage.

pub type Point = (f64, f64);

/// The closest that one can go.
pub const CLOSEST: f64 = 6.0;
/// Where a double tap goes to.
const CLOSER: f64 = 2.5;
/// A press that moves less is a tap.
const SLOP: f64 = 8.0;
/// Two taps within so much time and distance are one double tap.
const DOUBLE_MS: i64 = 320;
const DOUBLE_SLOP: f64 = 32.0;
/// A swipe over this share of the width, or so many pixels in a millisecond, goes on.
const SWIPE_SHARE: f64 = 0.25;
const SWIPE_SPEED: f64 = 0.5;
/// A pull down so far closes.
const PULL: f64 = 120.0;

/// How a picture is looked at: how large, and where its middle is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct View {
    pub scale: f64,
    pub at: Point,
}

impl Default for View {
    fn default() -> Self {
        Self { scale: 1.0, at: (0.0, 0.0) }
    }
}

impl View {
    pub fn is_close(self) -> bool {
        self.scale > 1.0
    }

    /// Larger by a factor, with what is at `point` staying there.
    #[must_use]
    pub fn zoomed(self, factor: f64, point: Point) -> Self {
        let scale = (self.scale * factor).clamp(1.0, CLOSEST);
        if !scale.is_finite() || scale <= 1.0 {
            return Self::default();
        }
        let real = scale / self.scale;
        let move_one = |point: f64, at: f64| point - (point - at) * real;
        Self { scale, at: (move_one(point.0, self.at.0), move_one(point.1, self.at.1)) }
    }

    #[must_use]
    pub fn moved(self, by: Point) -> Self {
        Self { at: (self.at.0 + by.0, self.at.1 + by.1), ..self }
    }

    /// So that no edge of the picture leaves more of the stage empty than it must. Both as width and height; the picture's at
    /// its plain size.
    #[must_use]
    pub fn bounded(self, picture: Point, stage: Point) -> Self {
        let one = |at: f64, picture: f64, stage: f64| {
            let most = ((picture * self.scale - stage) / 2.0).max(0.0);
            at.clamp(-most, most)
        };
        Self { at: (one(self.at.0, picture.0, stage.0), one(self.at.1, picture.1, stage.1)), ..self }
    }

    /// What a double tap does.
    #[must_use]
    pub fn toggled(self, point: Point) -> Self {
        if self.is_close() { Self::default() } else { self.zoomed(CLOSER, point) }
    }
}

/// What a change of the fingers means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step {
    Nothing,
    /// Zoom about a point, then move.
    Zoom {
        factor: f64,
        about: Point,
        by: Point,
    },
    /// The picture follows one finger.
    Follow(Point),
    /// It goes back to where it was.
    Back,
    Next,
    Previous,
    Close,
    Tap(Point),
    DoubleTap(Point),
}

/// The fingers that are down.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fingers {
    down: Vec<(i32, Point)>,
    from: Point,
    since: i64,
    /// More than a tap: it moved, or a second finger came.
    has_moved: bool,
    tapped: Option<(i64, Point)>,
}

impl Fingers {
    pub fn press(&mut self, id: i32, at: Point, now: i64) {
        self.down.retain(|(other, _)| *other != id);
        if self.down.is_empty() {
            (self.from, self.since, self.has_moved) = (at, now, false);
        } else {
            self.has_moved = true;
        }
        // A third finger says nothing.
        if self.down.len() < 2 {
            self.down.push((id, at));
        }
    }

    pub fn moved(&mut self, id: i32, at: Point, is_close: bool) -> Step {
        let Some(place) = self.down.iter().position(|(other, _)| *other == id) else { return Step::Nothing };
        let before = self.down[place].1;
        if self.down.len() == 1 && !self.has_moved && distance(self.from, at) < SLOP {
            return Step::Nothing;
        }
        self.has_moved = true;
        let other = self.down.iter().find(|(other, _)| *other != id).map(|(_, at)| *at);
        self.down[place].1 = at;
        match other {
            Some(other) => {
                let (old, new) = (middle(before, other), middle(at, other));
                let factor = distance(at, other) / distance(before, other).max(1.0);
                Step::Zoom { factor, about: old, by: minus(new, old) }
            }
            None if is_close => Step::Zoom { factor: 1.0, about: at, by: minus(at, before) },
            None => Step::Follow(minus(at, self.from)),
        }
    }

    /// A finger goes. `width` of the stage.
    pub fn lift(&mut self, id: i32, now: i64, is_close: bool, width: f64) -> Step {
        let Some(place) = self.down.iter().position(|(other, _)| *other == id) else { return Step::Nothing };
        let (_, at) = self.down.remove(place);
        if let Some((_, rest)) = self.down.first() {
            // One finger stays: it goes on from where it is.
            self.from = *rest;
            return Step::Nothing;
        }
        if !self.has_moved {
            let is_double = self
                .tapped
                .take()
                .is_some_and(|(then, there)| now - then <= DOUBLE_MS && distance(there, at) <= DOUBLE_SLOP);
            if is_double {
                return Step::DoubleTap(at);
            }
            self.tapped = Some((now, at));
            return Step::Tap(at);
        }
        if is_close {
            return Step::Nothing;
        }
        let (x, y) = minus(at, self.from);
        let speed = x.abs() / (now - self.since).max(1) as f64;
        if x.abs() > y.abs() && (x.abs() > width * SWIPE_SHARE || speed > SWIPE_SPEED) {
            if x < 0.0 { Step::Next } else { Step::Previous }
        } else if y > PULL && y > x.abs() {
            Step::Close
        } else {
            Step::Back
        }
    }

    /// The browser took them.
    pub fn cancel(&mut self) -> Step {
        self.down.clear();
        Step::Back
    }

    pub fn are_down(&self) -> bool {
        !self.down.is_empty()
    }
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}

fn middle(a: Point, b: Point) -> Point {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_what_is_under_the_point() {
        let view = View::default().zoomed(2.0, (100.0, -50.0));
        assert_eq!(view, View { scale: 2.0, at: (-100.0, 50.0) });
        // The part of the picture at the point: (point - at) / scale, before and after.
        let closer = view.zoomed(1.5, (30.0, 20.0));
        assert_eq!(((30.0 - view.at.0) / view.scale), ((30.0 - closer.at.0) / closer.scale));
        assert_eq!(view.zoomed(0.1, (30.0, 20.0)), View::default(), "never smaller than whole");
        assert_eq!(view.zoomed(100.0, (0.0, 0.0)).scale, CLOSEST);
        assert_eq!(view.zoomed(f64::NAN, (0.0, 0.0)), View::default());
    }

    #[test]
    fn the_edges_stay_at_the_edges() {
        let view = View { scale: 2.0, at: (900.0, -900.0) }.bounded((400.0, 100.0), (500.0, 300.0));
        assert_eq!(view.at, (150.0, 0.0), "wider than the stage, not higher");
    }

    #[test]
    fn two_fingers_zoom_and_move() {
        let mut fingers = Fingers::default();
        fingers.press(1, (-50.0, 0.0), 0);
        fingers.press(2, (50.0, 0.0), 10);
        assert_eq!(
            fingers.moved(2, (150.0, 0.0), false),
            Step::Zoom { factor: 2.0, about: (0.0, 0.0), by: (50.0, 0.0) }
        );
        assert_eq!(fingers.lift(2, 20, true, 400.0), Step::Nothing);
        assert_eq!(
            fingers.moved(1, (-40.0, 0.0), true),
            Step::Zoom { factor: 1.0, about: (-40.0, 0.0), by: (10.0, 0.0) }
        );
        assert_eq!(fingers.lift(1, 30, true, 400.0), Step::Nothing, "no tap and no swipe");
    }

    #[test]
    fn a_swipe_goes_on_a_short_slow_one_does_not() {
        let swipe = |to: Point, ms: i64| {
            let mut fingers = Fingers::default();
            fingers.press(1, (0.0, 0.0), 0);
            assert_eq!(fingers.moved(1, to, false), Step::Follow(to));
            fingers.lift(1, ms, false, 400.0)
        };
        assert_eq!(swipe((-150.0, 10.0), 2_000), Step::Next);
        assert_eq!(swipe((150.0, 10.0), 2_000), Step::Previous);
        assert_eq!(swipe((-60.0, 10.0), 50), Step::Next, "fast");
        assert_eq!(swipe((-60.0, 10.0), 2_000), Step::Back);
        assert_eq!(swipe((10.0, 200.0), 2_000), Step::Close);
        assert_eq!(swipe((10.0, -200.0), 2_000), Step::Back);
    }

    #[test]
    fn two_quick_taps_are_one_double() {
        let tap = |fingers: &mut Fingers, at: Point, now: i64| {
            fingers.press(1, at, now);
            fingers.lift(1, now + 40, false, 400.0)
        };
        let mut fingers = Fingers::default();
        assert_eq!(tap(&mut fingers, (5.0, 5.0), 0), Step::Tap((5.0, 5.0)));
        assert_eq!(tap(&mut fingers, (6.0, 5.0), 200), Step::DoubleTap((6.0, 5.0)));
        assert_eq!(tap(&mut fingers, (6.0, 5.0), 400), Step::Tap((6.0, 5.0)), "a third one begins anew");
        assert_eq!(tap(&mut fingers, (6.0, 5.0), 2_000), Step::Tap((6.0, 5.0)));
        assert_eq!(tap(&mut fingers, (90.0, 5.0), 2_100), Step::Tap((90.0, 5.0)), "elsewhere");
    }

    #[test]
    fn what_was_never_pressed_does_nothing() {
        let mut fingers = Fingers::default();
        assert_eq!(fingers.moved(9, (1.0, 1.0), false), Step::Nothing);
        assert_eq!(fingers.lift(9, 1, false, 1.0), Step::Nothing);
        fingers.press(1, (0.0, 0.0), 0);
        fingers.cancel();
        assert!(!fingers.are_down());
    }
}
