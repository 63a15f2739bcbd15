//! How big pictures are before they are here, and how several stand together. Pure.

use crate::model::Attachment;

/// The widest and the highest that a picture is drawn, in CSS pixels; narrower where the column is.
pub const WIDTH: f32 = 320.0;
const HEIGHT: f32 = 360.0;
/// Smaller ones stand on a ground of this size, so that there is room for the time.
const LEAST: (f32, f32) = (148.0, 84.0);
/// Of pictures whose size nobody knows.
const UNKNOWN: f32 = 16.0 / 9.0;

/// A box for one picture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Frame {
    pub width: f32,
    /// Width by height.
    pub ratio: f32,
    /// The picture is smaller than its box: it is not blown up.
    pub is_small: bool,
}

/// Width by height of a file, as it is, or as most are.
pub fn ratio(file: &Attachment) -> f32 {
    match (file.width, file.height) {
        (Some(width), Some(height)) if width > 0 && height > 0 => width as f32 / height as f32,
        _ => UNKNOWN,
    }
}

pub fn frame(file: &Attachment) -> Frame {
    let ratio = ratio(file);
    let own = file.width.map_or(WIDTH, |width| width as f32);
    let width = own.min(WIDTH).min(HEIGHT * ratio);
    let height = width / ratio;
    let (wide, high) = (width.max(LEAST.0), height.max(LEAST.1).min(HEIGHT));
    // What is small on both sides keeps its size; what is only very long is cut.
    Frame { width: wide, ratio: wide / high, is_small: own < LEAST.0 && own / ratio < LEAST.0 }
}

/// Tiles side by side: the share of the width that each takes, and the row's width by height.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub shares: Vec<f32>,
    pub ratio: f32,
}

/// Rows of an album of 2 to 10, in the order of the files.
pub fn rows(files: &[Attachment]) -> Vec<Row> {
    let ratios: Vec<f32> = files.iter().map(|file| ratio(file).clamp(0.6, 1.9)).collect();
    let all_wide = ratios.iter().all(|ratio| *ratio > 1.5);
    let counts: &[usize] = match ratios.len() {
        0 => &[],
        1 => &[1],
        2 if all_wide => &[1, 1],
        2 => &[2],
        3 => &[1, 2],
        4 => &[2, 2],
        5 => &[2, 3],
        6 => &[3, 3],
        7 => &[2, 2, 3],
        8 => &[2, 3, 3],
        9 => &[3, 3, 3],
        _ => &[3, 3, 4],
    };
    let mut rest = ratios.as_slice();
    let mut rows = Vec::with_capacity(counts.len());
    for (at, count) in counts.iter().enumerate() {
        // The last one takes whatever there is.
        let count = if at + 1 == counts.len() { rest.len() } else { (*count).min(rest.len()) };
        let (row, next) = rest.split_at(count);
        rest = next;
        let ratio = row.iter().sum::<f32>().clamp(1.2, 3.4);
        rows.push(Row { shares: row.to_vec(), ratio });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::FileId;
    use crate::model::AttachmentKind;

    fn file(width: u32, height: u32) -> Attachment {
        let file = Attachment::new(FileId::new(), AttachmentKind::Image, "a.jpg", "image/jpeg", 1);
        Attachment { width: Some(width), height: Some(height), ..file }
    }

    fn size(width: u32, height: u32) -> (u32, u32) {
        let frame = frame(&file(width, height));
        (frame.width.round() as u32, (frame.width / frame.ratio).round() as u32)
    }

    #[test]
    fn a_picture_is_as_big_as_it_is_within_bounds() {
        assert_eq!(size(320, 148), (320, 148));
        assert_eq!(size(4_000, 3_000), (320, 240));
        assert_eq!(size(3_000, 4_000), (270, 360));
        assert_eq!(size(200, 150), (200, 150));
        // Long ones are cut, tiny ones have a ground around them.
        assert_eq!(size(20_000, 100), (320, 84));
        assert_eq!(size(100, 20_000), (148, 360));
        assert_eq!(size(1, 1), (148, 84));
        assert!(frame(&file(1, 1)).is_small && frame(&file(64, 64)).is_small);
        assert!(!frame(&file(100, 20_000)).is_small);
        let unknown = Attachment { width: None, ..file(0, 0) };
        assert_eq!(frame(&unknown).width, 320.0);
    }

    #[test]
    fn an_album_has_every_picture_once_in_order_and_no_row_is_odd() {
        for count in 0..=12_u32 {
            for shape in [(100, 400), (300, 300), (900, 300), (1, 10_000), (10_000, 1)] {
                let files: Vec<_> = (0..count).map(|at| file(shape.0 + at, shape.1)).collect();
                let rows = rows(&files);
                let shares: Vec<f32> = rows.iter().flat_map(|row| row.shares.clone()).collect();
                let expected: Vec<f32> = files.iter().map(|file| ratio(file).clamp(0.6, 1.9)).collect();
                assert_eq!(shares, expected);
                assert!(rows.iter().all(|row| (1.2..=3.4).contains(&row.ratio) && !row.shares.is_empty()));
                assert!(rows.len() <= 3 && rows.iter().all(|row| row.shares.len() <= 6));
            }
        }
    }
}
