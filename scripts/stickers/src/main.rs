//! Draws the built-in pack of stickers: `lavender-stickers write FOLDER`, or `lavender-stickers sheet FILE.png [NAME]` to look at it.

mod colours;
mod draw;
mod encode;
mod num;
mod scenes;
mod sprig;

use draw::{Canvas, Rgb};
use encode::Palette;
use scenes::{FRAMES, SIZE, Scene};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

const THEME: [Rgb; 26] = {
    use colours::*;
    [
        INK, WHITE, MIST, VEIL, PERIWINKLE, SOFT, SLATE, DEEP, POLLEN, HONEY, CREAM, BUTTER, SAGE, FERN, DEW, MINT,
        POPPY, CHERRY, BLUSH, ROSE, NIGHT, DUSK, SHADE, LIMB, RAIN, SKY,
    ]
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *arguments {
        ["write", folder] => write(Path::new(folder)),
        ["sheet", file] => sheet(file, None),
        ["sheet", file, name] => sheet(file, Some(name)),
        _ => Err("usage: write FOLDER | sheet FILE.png [NAME]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lavender-stickers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn drawn() -> (Vec<(Scene, Vec<Canvas>)>, Palette) {
    let frames = |scene: &Scene| (0..FRAMES).map(|at| (scene.draw)(at as f32 / FRAMES as f32)).collect();
    let all: Vec<(Scene, Vec<Canvas>)> = scenes::all()
        .into_iter()
        .map(|scene| {
            let frames = frames(&scene);
            (scene, frames)
        })
        .collect();
    let palette = Palette::of(&THEME, all.iter().flat_map(|(_, frames)| frames));
    (all, palette)
}

fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let files = files();
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes)?;
    }
    eprintln!("{} files, {} bytes", files.len(), files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    Ok(())
}

/// `name.gif` moves; `name.still.gif` is its first frame.
fn files() -> Vec<(String, Vec<u8>)> {
    let (all, palette) = drawn();
    let of = |(scene, frames): &(Scene, Vec<Canvas>)| {
        let frames: Vec<&Canvas> = frames.iter().collect();
        [
            (format!("{}.gif", scene.name), palette.gif(&frames, scene.delay_ms)),
            (format!("{}.still.gif", scene.name), palette.gif(&frames[..1], scene.delay_ms)),
        ]
    };
    all.iter().flat_map(of).collect()
}

/// All stills, or all frames of one sticker, on light and dark.
fn sheet(file: &str, name: Option<&str>) -> Result<(), Box<dyn Error>> {
    let (all, palette) = drawn();
    let shown: Vec<Canvas> = match name {
        None => all.iter().map(|(_, frames)| palette.shown(&frames[0])).collect(),
        Some(name) => {
            let (_, frames) = all.iter().find(|(scene, _)| scene.name == name).ok_or("no such sticker")?;
            frames.iter().map(|frame| palette.shown(frame)).collect()
        }
    };
    let columns = 7;
    let (cell, rows) = (SIZE + 12, shown.len().div_ceil(columns));
    let (width, height) = (cell * columns, cell * rows);
    let mut pixels: Vec<Rgb> = (0..width * height)
        .map(|at| if at % width < width / 2 { colours::MIST } else { draw::rgb(0x151023) })
        .collect();
    for (at, picture) in shown.iter().enumerate() {
        let (left, top) = (at % columns * cell + 6, at / columns * cell + 6);
        for (y, row) in picture.pixels.chunks(SIZE).enumerate() {
            pixels[(top + y) * width + left..][..SIZE].copy_from_slice(row);
        }
    }
    fs::write(file, encode::png(width, height, &pixels))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of everything together: the pack is part of what the server is shipped as, and of what a page may have to load.
    const LIMIT_BYTES: usize = 500_000;

    #[test]
    fn what_is_committed_is_what_is_drawn() {
        // Of the clone that this runs in: the program may have been built in another one that shared its cache.
        let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs this");
        let folder = Path::new(&here).join("../../assets/stickers");
        let files = files();
        for (name, bytes) in &files {
            let committed = fs::read(folder.join(name)).unwrap_or_default();
            assert!(committed == *bytes, "{name} is another one: `make stickers` draws the pack anew");
        }
        assert_eq!(fs::read_dir(folder).expect("the folder").count(), files.len(), "files that nothing draws");
        let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(total < LIMIT_BYTES, "{total} bytes");
    }
}
