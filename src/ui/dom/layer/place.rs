//! Where a popover goes in a window: pure arithmetic, in CSS pixels.

/// Between a popover and its anchor.
const GAP: f64 = 6.0;
/// Between a popover and the edge of the window.
const MARGIN: f64 = 8.0;
/// Less room than this is no room, if the other side has more.
const MIN_HEIGHT: f64 = 120.0;

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// Hangs from `top`, or stands on `bottom` (both from the window's upper edge), so that it may grow without moving.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    pub left: f64,
    pub y: f64,
    pub is_above: bool,
    pub max_height: f64,
    pub max_width: f64,
}

/// The place of a popover of `width` by `height` beside `anchor`, in a window of the size of `window`.
///
/// It is on the wished side if it fits there or if the other side has less room, and always inside the window.
pub fn place(anchor: Rect, (width, height): (f64, f64), window: (f64, f64), is_above: bool, is_end: bool) -> Place {
    let max_width = (window.0 - 2.0 * MARGIN).max(0.0);
    let width = width.min(max_width);
    let left = if is_end { anchor.left + anchor.width - width } else { anchor.left };
    let left = left.min(window.0 - MARGIN - width).max(MARGIN);
    // An anchor that is scrolled out of view keeps its popover at the edge.
    let upper = anchor.top.clamp(0.0, window.1);
    let lower = (anchor.top + anchor.height).clamp(0.0, window.1);
    let above = upper - GAP - MARGIN;
    let below = window.1 - lower - GAP - MARGIN;
    let (wished, other) = if is_above { (above, below) } else { (below, above) };
    let is_flipped = height > wished && other > wished;
    if height > above && height > below && above.max(below) < MIN_HEIGHT {
        // Neither side has room: over the anchor.
        return Place { left, y: MARGIN, is_above: false, max_height: window.1 - 2.0 * MARGIN, max_width };
    }
    let is_above = is_above != is_flipped;
    let y = if is_above { upper - GAP } else { lower + GAP };
    Place { left, y, is_above, max_height: if is_above { above } else { below }, max_width }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: (f64, f64) = (1000.0, 800.0);

    fn button(left: f64, top: f64) -> Rect {
        Rect { left, top, width: 40.0, height: 40.0 }
    }

    #[test]
    fn it_hangs_below_from_the_left_edge_or_the_right_one() {
        let at = place(button(300.0, 100.0), (220.0, 200.0), WINDOW, false, false);
        assert_eq!((at.left, at.y, at.is_above), (300.0, 146.0, false));
        let at = place(button(300.0, 100.0), (220.0, 200.0), WINDOW, false, true);
        assert_eq!(at.left, 120.0);
    }

    #[test]
    fn it_flips_when_only_the_other_side_has_room() {
        assert!(place(button(300.0, 700.0), (220.0, 200.0), WINDOW, false, false).is_above);
        assert!(!place(button(300.0, 60.0), (220.0, 200.0), WINDOW, true, false).is_above);
        let at = place(button(300.0, 300.0), (220.0, 2_000.0), WINDOW, true, false);
        assert!(!at.is_above, "neither side has room for all of it: the larger one");
        assert_eq!(at.max_height, 800.0 - 340.0 - 14.0);
    }

    #[test]
    fn it_stays_inside_the_window() {
        for left in [-500.0, -10.0, 0.0, 480.0, 960.0, 1_500.0] {
            for top in [-500.0, -10.0, 0.0, 380.0, 790.0, 1_500.0] {
                for (is_above, is_end) in [(false, false), (false, true), (true, false), (true, true)] {
                    for (width, height) in [(50.0, 50.0), (220.0, 300.0), (2_000.0, 2_000.0)] {
                        let at = place(button(left, top), (width, height), WINDOW, is_above, is_end);
                        let width = width.min(at.max_width);
                        let height = height.min(at.max_height);
                        let upper = if at.is_above { at.y - height } else { at.y };
                        assert!(at.left >= MARGIN && at.left + width <= WINDOW.0 - MARGIN, "{at:?}");
                        assert!(upper >= MARGIN - GAP && upper + height <= WINDOW.1 - MARGIN + GAP, "{at:?}");
                        assert!(at.max_height >= MIN_HEIGHT, "{at:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn it_covers_its_anchor_in_a_tiny_window() {
        let at = place(button(100.0, 100.0), (200.0, 200.0), (300.0, 230.0), false, false);
        assert_eq!((at.y, at.max_height), (8.0, 214.0));
    }
}
