//! Shapes and the canvas they are painted on.

use crate::num::{cos, sin};

pub type P = (f32, f32);

/// What a side is in the units that all is drawn in.
pub const UNITS: f32 = 200.0;
/// Steps between outside and inside at an edge. More look no better at this size, and pack worse.
const LEVELS: f32 = 3.0;
/// Samples of a pixel in each direction.
const FINE: usize = 5;

/// Moves points: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy)]
pub struct Place {
    a: f32,
    b: f32,
    c: f32,
    d: f32,
    e: f32,
    f: f32,
}

impl Place {
    pub const HERE: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// What `inner` says happens first.
    fn and(self, inner: Self) -> Self {
        Self {
            a: self.a * inner.a + self.c * inner.b,
            b: self.b * inner.a + self.d * inner.b,
            c: self.a * inner.c + self.c * inner.d,
            d: self.b * inner.c + self.d * inner.d,
            e: self.a * inner.e + self.c * inner.f + self.e,
            f: self.b * inner.e + self.d * inner.f + self.f,
        }
    }

    pub fn at(self, x: f32, y: f32) -> Self {
        self.and(Self { e: x, f: y, ..Self::HERE })
    }

    pub fn scale(self, x: f32, y: f32) -> Self {
        self.and(Self { a: x, d: y, ..Self::HERE })
    }

    /// By parts of a turn, clockwise.
    pub fn turn(self, turns: f32) -> Self {
        let (s, c) = (sin(turns), cos(turns));
        self.and(Self { a: c, b: s, c: -s, d: c, e: 0.0, f: 0.0 })
    }

    /// What is higher up goes to the right.
    pub fn lean(self, by: f32) -> Self {
        self.and(Self { c: -by, ..Self::HERE })
    }

    pub fn map(&self, (x, y): P) -> P {
        (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
    }
}

/// Closed lines; what they wind around is inside.
#[derive(Clone, Default)]
pub struct Shape(Vec<Vec<P>>);

impl Shape {
    pub fn polygon(points: &[P]) -> Self {
        Self(vec![points.to_vec()])
    }

    pub fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Self {
        let points = (0..48).map(|at| at as f32 / 48.0).map(|t| (x + rx * cos(t), y + ry * sin(t)));
        Self(vec![points.collect()])
    }

    pub fn circle(x: f32, y: f32, r: f32) -> Self {
        Self::ellipse(x, y, r, r)
    }

    /// A smooth closed line through the points.
    pub fn blob(points: &[P]) -> Self {
        let n = points.len();
        let of = |at: usize| points[at % n];
        let mut line = Vec::with_capacity(n * 10);
        for at in 0..n {
            let (p0, p1, p2, p3) = (of(at + n - 1), of(at), of(at + 1), of(at + 2));
            for step in 0..10 {
                line.push(through(p0, p1, p2, p3, step as f32 / 10.0));
            }
        }
        Self(vec![line])
    }

    /// The petal of the design: three full corners and a tight one, which is at the origin. Up and to the right.
    pub fn petal(w: f32, h: f32) -> Self {
        let (big, tight) = (0.5 * h, 0.08 * h);
        let corners = [(w, 0.0, big, 0.0), (0.0, 0.0, tight, 0.25), (0.0, -h, big, 0.5), (w, -h, big, 0.75)];
        let mut line = Vec::new();
        for (x, y, r, from) in corners {
            let (cx, cy) = (if x > 0.0 { x - r } else { x + r }, if y < 0.0 { y + r } else { y - r });
            line.extend((0..=10).map(|at| from + at as f32 / 40.0).map(|t| (cx + r * cos(t), cy + r * sin(t))));
        }
        Self(vec![line])
    }

    /// A pointed leaf from the origin upwards.
    pub fn leaf(w: f32, h: f32) -> Self {
        let side = |x: f32| bezier((0.0, 0.0), (x, -0.2 * h), (x, -0.66 * h), (0.0, -h));
        let mut line = side(w);
        line.extend(side(-w).into_iter().rev());
        Self(vec![line])
    }

    /// A heart around the origin, its point below.
    pub fn heart(r: f32) -> Self {
        let half = |x: f32| {
            let mut line =
                bezier((0.0, -0.45 * r), (x * 0.22 * r, -1.02 * r), (x * 1.06 * r, -1.06 * r), (x * r, -0.28 * r));
            line.extend(bezier((x * r, -0.28 * r), (x * 0.96 * r, 0.2 * r), (x * 0.4 * r, 0.58 * r), (0.0, 0.95 * r)));
            line
        };
        let mut line = half(1.0);
        line.extend(half(-1.0).into_iter().rev());
        Self(vec![line])
    }

    /// A drop that hangs from the origin.
    pub fn drop(r: f32) -> Self {
        let half = |x: f32| {
            let mut line = bezier((0.0, 0.0), (x * 0.3 * r, 0.8 * r), (x * r, 1.2 * r), (x * r, 1.9 * r));
            line.extend(bezier((x * r, 1.9 * r), (x * r, 2.55 * r), (x * 0.55 * r, 2.9 * r), (0.0, 2.9 * r)));
            line
        };
        let mut line = half(1.0);
        line.extend(half(-1.0).into_iter().rev());
        Self(vec![line])
    }

    pub fn star(points: u32, outer: f32, inner: f32) -> Self {
        let at = |n: u32| {
            let r = if n.is_multiple_of(2) { outer } else { inner };
            let t = n as f32 / (2 * points) as f32 - 0.25;
            (r * cos(t), r * sin(t))
        };
        Self(vec![(0..2 * points).map(at).collect()])
    }

    /// A rectangle with round corners.
    pub fn slab(x: f32, y: f32, w: f32, h: f32, r: f32) -> Self {
        let corners = [(x + w - r, y + h - r), (x + r, y + h - r), (x + r, y + r), (x + w - r, y + r)];
        let arc = |(n, (cx, cy)): (usize, P)| {
            (0..=8).map(move |at| n as f32 / 4.0 + at as f32 / 32.0).map(move |t| (cx + r * cos(t), cy + r * sin(t)))
        };
        Self(vec![corners.into_iter().enumerate().flat_map(arc).collect()])
    }

    /// A brush stroke along a line, as wide as `from` at its beginning and `to` at its end.
    pub fn stroke(line: &[P], from: f32, to: f32) -> Self {
        let last = line.len() - 1;
        let r = |at: usize| (from + (to - from) * at as f32 / last as f32) / 2.0;
        let mut shape = Self::default();
        for at in 0..last {
            let ((x0, y0), (x1, y1)) = (line[at], line[at + 1]);
            let length = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt().max(0.001);
            let (nx, ny) = ((y0 - y1) / length, (x1 - x0) / length);
            let (r0, r1) = (r(at), r(at + 1));
            // All pieces wind the same way as a circle does, so that they add up.
            shape.0.push(vec![
                (x0 - nx * r0, y0 - ny * r0),
                (x1 - nx * r1, y1 - ny * r1),
                (x1 + nx * r1, y1 + ny * r1),
                (x0 + nx * r0, y0 + ny * r0),
            ]);
        }
        for (at, (x, y)) in line.iter().enumerate() {
            shape = shape.with(Self::circle(*x, *y, r(at)));
        }
        shape
    }

    /// Part of an ellipse as a stroke, from one part of a turn to another.
    pub fn bow((x, y): P, (rx, ry): P, (from, to): P, width: f32) -> Self {
        let line: Vec<P> = (0..=14)
            .map(|at| from + (to - from) * at as f32 / 14.0)
            .map(|t| (x + rx * cos(t), y + ry * sin(t)))
            .collect();
        Self::stroke(&line, width, width)
    }

    pub fn with(mut self, mut other: Self) -> Self {
        self.0.append(&mut other.0);
        self
    }

    pub fn to(&self, place: Place) -> Self {
        Self(self.0.iter().map(|line| line.iter().map(|point| place.map(*point)).collect()).collect())
    }
}

fn through(p0: P, p1: P, p2: P, p3: P, t: f32) -> P {
    let axis = |a: f32, b: f32, c: f32, d: f32| {
        0.5 * (2.0 * b
            + (c - a) * t
            + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
            + (3.0 * b - a - 3.0 * c + d) * t * t * t)
    };
    (axis(p0.0, p1.0, p2.0, p3.0), axis(p0.1, p1.1, p2.1, p3.1))
}

/// Points of a cubic curve.
pub fn bezier(p0: P, p1: P, p2: P, p3: P) -> Vec<P> {
    let at = |t: f32| {
        let u = 1.0 - t;
        let axis =
            |a: f32, b: f32, c: f32, d: f32| u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d;
        (axis(p0.0, p1.0, p2.0, p3.0), axis(p0.1, p1.1, p2.1, p3.1))
    };
    (0..=16).map(|step| at(step as f32 / 16.0)).collect()
}

/// Points of a smooth open line.
pub fn curve(p0: P, p1: P, p2: P) -> Vec<P> {
    let third = |a: f32, b: f32| a + (b - a) * 2.0 / 3.0;
    bezier(p0, (third(p0.0, p1.0), third(p0.1, p1.1)), (third(p2.0, p1.0), third(p2.1, p1.1)), p2)
}

pub type Rgb = [u8; 3];

pub const fn rgb(hex: u32) -> Rgb {
    [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8]
}

/// How much of each pixel a shape covers.
pub struct Mask(Vec<f32>);

#[derive(Clone)]
pub struct Canvas {
    pub size: usize,
    pub pixels: Vec<Rgb>,
}

impl Canvas {
    pub fn new(size: usize, colour: Rgb) -> Self {
        Self { size, pixels: vec![colour; size * size] }
    }

    pub fn mask(&self, shape: &Shape) -> Mask {
        let size = self.size;
        let mut cover = vec![0.0; size * size];
        let mut edges = Vec::new();
        let scale = size as f32 / UNITS;
        for line in &shape.0 {
            for (at, a) in line.iter().enumerate() {
                let b = line[(at + 1) % line.len()];
                if a.1 != b.1 {
                    edges.push(((a.0 * scale, a.1 * scale), (b.0 * scale, b.1 * scale)));
                }
            }
        }
        let mut hits: Vec<(f32, i32)> = Vec::new();
        for fine in 0..size * FINE {
            let y = (fine as f32 + 0.5) / FINE as f32;
            hits.clear();
            for ((x0, y0), (x1, y1)) in &edges {
                if (*y0 <= y) != (*y1 <= y) {
                    hits.push((x0 + (y - y0) / (y1 - y0) * (x1 - x0), if y1 > y0 { 1 } else { -1 }));
                }
            }
            hits.sort_by(|a, b| a.0.total_cmp(&b.0));
            let row = &mut cover[fine / FINE * size..][..size];
            let (mut winding, mut from) = (0, 0.0);
            for (x, way) in &hits {
                if winding != 0 {
                    span(row, from, *x);
                }
                winding += way;
                from = *x;
            }
        }
        for part in &mut cover {
            *part = (*part * LEVELS + 0.5).floor() / LEVELS;
        }
        Mask(cover)
    }

    pub fn fill(&mut self, shape: &Shape, colour: Rgb) {
        let mask = self.mask(shape);
        self.paint(&mask, colour, None);
    }

    /// Only where `within` is.
    pub fn fill_within(&mut self, shape: &Shape, colour: Rgb, within: &Mask) {
        let mask = self.mask(shape);
        self.paint(&mask, colour, Some(within));
    }

    fn paint(&mut self, mask: &Mask, colour: Rgb, within: Option<&Mask>) {
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            let cover = mask.0[at] * within.map_or(1.0, |within| within.0[at]);
            if cover > 0.004 {
                for (old, new) in pixel.iter_mut().zip(colour) {
                    *old = (f32::from(*old) + (f32::from(new) - f32::from(*old)) * cover + 0.5) as u8;
                }
            }
        }
    }
}

fn span(row: &mut [f32], from: f32, to: f32) {
    let (from, to) = (from.max(0.0), to.min(row.len() as f32));
    if to <= from {
        return;
    }
    let (first, last) = (from as usize, (to as usize).min(row.len() - 1));
    for (at, cover) in row.iter_mut().enumerate().take(last + 1).skip(first) {
        let width = to.min(at as f32 + 1.0) - from.max(at as f32);
        *cover = (*cover + width / FINE as f32).min(1.0);
    }
}

pub fn blend(a: Rgb, b: Rgb, t: f32) -> Rgb {
    let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t + 0.5) as u8;
    [channel(a[0], b[0]), channel(a[1], b[1]), channel(a[2], b[2])]
}
