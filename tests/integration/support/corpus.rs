//! Hostile and odd files, made here, each with the answer that it has to get. Everything that must not survive carries
//! [`SECRET`], so a test can look for it in what is kept.

use base64::Engine as _;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use lavender::model::Refusal;
use std::io::{Cursor, Write as _};

/// Stands in metadata, tails and scripts.
pub const SECRET: &[u8] = b"S3CRET-PLACE";

/// What a file has to become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Made anew: the type it is kept as, and its size as shown.
    Image(&'static str, u32, u32),
    /// Kept moving: its type and size.
    Animation(&'static str, u32, u32),
    /// Kept as it is, under this type.
    File(&'static str),
    Refused(Refusal),
}

pub struct Case {
    pub label: &'static str,
    pub name: &'static str,
    pub declared: &'static str,
    pub bytes: Vec<u8>,
    pub expected: Expected,
    /// The name as shown, where it is another one.
    pub shown: Option<&'static str>,
}

const OPAQUE: Expected = Expected::File("application/octet-stream");
const DAMAGED: Expected = Expected::Refused(Refusal::Damaged);
const PROGRAM: Expected = Expected::Refused(Refusal::Program);

fn no(expected: &str) -> Expected {
    Expected::Refused(Refusal::NotWhatItSays { expected: expected.to_owned() })
}

fn case(label: &'static str, name: &'static str, declared: &'static str, bytes: Vec<u8>, expected: Expected) -> Case {
    Case { label, name, declared, bytes, expected, shown: None }
}

/// All of them.
pub fn corpus() -> Vec<Case> {
    [polyglots(), wrong_types(), bombs(), cut(), odd(), private(), names()].into_iter().flatten().collect()
}

fn polyglots() -> Vec<Case> {
    let zip = [b"PK\x03\x04", SECRET, b"PK\x05\x06"].concat();
    let script = [&b"<html><script>alert('"[..], SECRET, b"')</script></html>"].concat();
    let php = [&b"<?php system('"[..], SECRET, b"'); ?>"].concat();
    let pdf = [&b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert('"[..], SECRET, b"'))>>>>endobj\n%%EOF"]
        .concat();
    vec![
        case(
            "GIF and Java archive",
            "a.gif",
            "image/gif",
            [gif(9, 7, 1), zip.clone()].concat(),
            Expected::Image("image/jpeg", 9, 7),
        ),
        case(
            "moving GIF and archive",
            "b.gif",
            "image/gif",
            [gif(9, 7, 3), zip.clone()].concat(),
            Expected::Animation("image/gif", 9, 7),
        ),
        case(
            "PNG and HTML behind it",
            "a.png",
            "image/png",
            [png(8, 6), script.clone()].concat(),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case(
            "PNG with HTML in a text chunk",
            "b.png",
            "image/png",
            png_with(&png(8, 6), b"tEXt", &[&b"Comment\0"[..], &script].concat()),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case(
            "JPEG with PHP in a comment",
            "a.jpg",
            "image/jpeg",
            jpeg_with(&jpeg(8, 6), 0xfe, &php),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case(
            "JPEG and archive",
            "b.jpg",
            "image/jpeg",
            [jpeg(8, 6), zip].concat(),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case("PDF that runs a script", "a.pdf", "application/pdf", pdf, Expected::File("application/pdf")),
        case("GIF that is a script", "c.gif", "image/gif", gif_script(), Expected::Image("image/png", 4_096, 3)),
        case(
            "GIF and HTML",
            "d.gif",
            "image/gif",
            [gif(9, 7, 1), script.clone()].concat(),
            Expected::Image("image/jpeg", 9, 7),
        ),
        case(
            "PDF and archive",
            "b.pdf",
            "application/pdf",
            [&b"%PDF-1.7\n%%EOF\n"[..], &zip_bomb()].concat(),
            Expected::File("application/pdf"),
        ),
        case(
            "WebP and HTML",
            "c.webp",
            "image/webp",
            [webp(8, 6), script].concat(),
            Expected::Image("image/jpeg", 8, 6),
        ),
    ]
}

fn wrong_types() -> Vec<Case> {
    let html = b"<html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    vec![
        case("HTML called PNG", "photo.png", "image/png", html.clone(), no("PNG picture")),
        case("HTML", "page.html", "text/html", html.clone(), OPAQUE),
        case("HTML called text", "page.txt", "text/html", html.clone(), Expected::Refused(Refusal::TypeMismatch)),
        case("HTML declared PDF", "page.pdf", "application/pdf", html, no("PDF document")),
        case("SVG with a script", "drawing.svg", "image/svg+xml", svg.clone(), OPAQUE),
        case("SVG called PNG", "drawing.png", "image/png", svg.clone(), no("PNG picture")),
        case("SVG called WebP", "drawing.webp", "image/svg+xml", svg, no("WebP picture")),
        case("PNG called JPEG", "photo.jpg", "image/jpeg", png(8, 6), no("JPEG picture")),
        case("PNG declared JPEG", "photo.png", "image/jpeg", png(8, 6), Expected::Refused(Refusal::TypeMismatch)),
        case("PNG declared HTML", "photo.png", "text/html", png(8, 6), Expected::Refused(Refusal::TypeMismatch)),
        case("program of Windows called PNG", "photo.png", "image/png", b"MZ\x90\0\x03\0\0\0".to_vec(), PROGRAM),
        case("program of Linux called text", "notes.txt", "text/plain", b"\x7fELF\x02\x01\x01\0".to_vec(), PROGRAM),
        case("program of macOS without a name", "tool", "", b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(), PROGRAM),
        case(
            "program of Windows called PDF",
            "invoice.pdf",
            "application/pdf",
            b"MZ\x90\0\x03\0\0\0".to_vec(),
            PROGRAM,
        ),
        case(
            "program of Linux called archive",
            "photos.zip",
            "application/zip",
            b"\x7fELF\x02\x01\x01\0".to_vec(),
            PROGRAM,
        ),
        case("program of Android", "game.apk", "application/vnd.android.package-archive", zip_bomb(), PROGRAM),
        case("WebAssembly called text", "notes.md", "text/markdown", b"\0asm\x01\0\0\0".to_vec(), PROGRAM),
        case("script", "install.sh", "text/x-sh", b"#!/bin/sh\nrm -rf ~\n".to_vec(), PROGRAM),
        case("JavaScript", "page.js", "text/javascript", b"alert(1)".to_vec(), OPAQUE),
        case("XML with a style sheet", "feed.xml", "text/xml", b"<?xml-stylesheet href='x'?><a/>".to_vec(), OPAQUE),
        case("application in HTML", "page.hta", "", b"<script>".to_vec(), PROGRAM),
        case(
            "archive in archive",
            "nested.zip",
            "application/zip",
            b"PK\x03\x04 nested.zip PK\x03\x04".to_vec(),
            Expected::File("application/zip"),
        ),
        case("bomb of an archive", "bomb.zip", "application/zip", zip_bomb(), Expected::File("application/zip")),
        case("text called archive", "report.zip", "application/zip", b"hello".to_vec(), no("ZIP archive")),
        case(
            "picture of HEIC called film",
            "film.mp4",
            "video/mp4",
            b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(),
            no("MP4 video"),
        ),
        case("nothing", "empty.png", "image/png", Vec::new(), Expected::Refused(Refusal::Empty)),
        case("zeroes called PNG", "zero.png", "image/png", vec![0; 4_096], no("PNG picture")),
        case("text with zeroes", "zero.txt", "text/plain", b"a\0b".to_vec(), OPAQUE),
    ]
}

fn bombs() -> Vec<Case> {
    let pixels = |width, height| Expected::Refused(Refusal::TooManyPixels { width, height });
    let mut wide_gif = gif(1, 1, 1);
    wide_gif[6..10].copy_from_slice(&[0xff; 4]);
    let mut wide_jpeg = jpeg(8, 6);
    let at = wide_jpeg.windows(2).position(|at| at == [0xff, 0xc0]).expect("a frame");
    wide_jpeg[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
    let scan = jpeg(8, 6);
    let start = scan.windows(2).position(|at| at == [0xff, 0xda]).expect("a scan");
    let body = &scan[start..scan.len() - 2];
    let many = [&scan[..start], &body.repeat(2_000), &[0xff, 0xd9]].concat();
    let one_bit = {
        let line = vec![0; 1 + 30_000 / 8];
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..30_000 {
            packed.write_all(&line).expect("memory");
        }
        png_of(30_000, 30_000, 1, 0, 0, &[], &packed.finish().expect("memory"))
    };
    let profile = [&b"bomb\0\0"[..], &zlib(&vec![0; 100 << 20])].concat();
    vec![
        case("30,000 by 30,000 in one bit", "a.png", "image/png", one_bit, pixels(30_000, 30_000)),
        case("65,535 by 65,535 GIF", "a.gif", "image/gif", wide_gif, pixels(65_535, 65_535)),
        case("65,535 by 65,535 JPEG", "a.jpg", "image/jpeg", wide_jpeg, pixels(65_535, 65_535)),
        case(
            "10,000 frames",
            "b.gif",
            "image/gif",
            gif(1, 1, 10_000),
            Expected::Refused(Refusal::TooManyFrames { max: 500 }),
        ),
        case(
            "few large frames",
            "c.gif",
            "image/gif",
            gif(5_000, 5_000, 20),
            Expected::Refused(Refusal::TooManyFrames { max: 12 }),
        ),
        case("2,000 scans", "b.jpg", "image/jpeg", many, DAMAGED),
        case(
            "a colour profile of 100 MiB",
            "b.png",
            "image/png",
            png_with(&png(8, 6), b"iCCP", &profile),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case("size 0", "c.png", "image/png", png_of(0, 5, 8, 2, 0, &[], &zlib(&[0])), DAMAGED),
    ]
}

fn cut() -> Vec<Case> {
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let mut crc = png(8, 6);
    let at = crc.windows(4).position(|at| at == b"IDAT").expect("data");
    crc[at + 8] ^= 0x55;
    vec![
        case("cut JPEG", "a.jpg", "image/jpeg", half(jpeg(40, 30)), DAMAGED),
        case("cut PNG", "a.png", "image/png", half(png(40, 30)), DAMAGED),
        case("cut GIF", "a.gif", "image/gif", half(gif(9, 7, 1)), DAMAGED),
        case("cut moving GIF", "b.gif", "image/gif", half(gif(9, 7, 3))[..60].to_vec(), DAMAGED),
        case("cut WebP", "a.webp", "image/webp", half(webp(40, 30)), DAMAGED),
        case("cut moving WebP", "b.webp", "image/webp", half(animated_webp(8, 6, 2)), DAMAGED),
        case("signature only", "b.png", "image/png", b"\x89PNG\r\n\x1a\n".to_vec(), DAMAGED),
        case("start of a JPEG only", "b.jpg", "image/jpeg", vec![0xff, 0xd8, 0xff], DAMAGED),
        case("PNG with a wrong bit", "c.png", "image/png", crc, DAMAGED),
    ]
}

fn odd() -> Vec<Case> {
    let lossy = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=";
    let lossy = base64::engine::general_purpose::STANDARD.decode(lossy).expect("base64");
    let deep =
        image::ImageBuffer::<Rgb<u16>, Vec<u16>>::from_fn(8, 6, |x, y| Rgb([x as u16 * 8_000, y as u16 * 9_000, 500]));
    let deep = written(&DynamicImage::ImageRgb16(deep), ImageFormat::Png);
    let grey = png_of(8, 8, 8, 0, 1, &[], &zlib(&interlaced_grey()));
    let palette = png_of(2, 1, 8, 3, 0, &[(b"PLTE", &[255, 0, 0, 0, 0, 255]), (b"tRNS", &[255, 0])], &zlib(&[0, 0, 1]));
    vec![
        case("one pixel, JPEG", "a.jpg", "image/jpeg", jpeg(1, 1), Expected::Image("image/jpeg", 1, 1)),
        case("one pixel, PNG", "a.png", "image/png", png(1, 1), Expected::Image("image/jpeg", 1, 1)),
        case("one pixel, GIF", "a.gif", "image/gif", gif(1, 1, 1), Expected::Image("image/jpeg", 1, 1)),
        case("one pixel, lossy WebP", "a.webp", "image/webp", lossy, Expected::Image("image/jpeg", 1, 1)),
        case("WebP without loss", "b.webp", "image/webp", webp(8, 6), Expected::Image("image/jpeg", 8, 6)),
        case(
            "grey with Huffman tables of its own",
            "d.jpg",
            "image/jpeg",
            optimised_grey(31, 17),
            Expected::Image("image/jpeg", 31, 17),
        ),
        case("CMYK", "b.jpg", "image/jpeg", cmyk(16, 8), Expected::Image("image/jpeg", 16, 8)),
        case("progressive", "c.jpg", "image/jpeg", progressive(33, 17), Expected::Image("image/jpeg", 33, 17)),
        case("16 bits", "b.png", "image/png", deep, Expected::Image("image/jpeg", 8, 6)),
        case("interlaced", "c.png", "image/png", grey, Expected::Image("image/jpeg", 8, 8)),
        case("palette with a transparent colour", "d.png", "image/png", palette, Expected::Image("image/png", 2, 1)),
        case("moving WebP", "c.webp", "image/webp", animated_webp(8, 6, 3), Expected::Animation("image/webp", 8, 6)),
        case("moving PNG", "e.png", "image/apng", apng(8, 6, 3), Expected::Animation("image/png", 8, 6)),
        case("moving GIF", "b.gif", "image/gif", gif(9, 7, 5), Expected::Animation("image/gif", 9, 7)),
        case("16,384 by 1", "f.png", "image/png", png(16_384, 1), Expected::Image("image/jpeg", 4_096, 1)),
    ]
}

fn private() -> Vec<Case> {
    let tail = |bytes: Vec<u8>| [&bytes[..], SECRET].concat();
    let xmp = [&b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"[..], SECRET, b"</x:xmpmeta>"].concat();
    let icc = [&b"ICC_PROFILE\0\x01\x01"[..], SECRET].concat();
    let text = [&b"Place\0"[..], SECRET].concat();
    let mut all = vec![
        case("XMP", "x.jpg", "image/jpeg", jpeg_with(&jpeg(8, 6), 0xe1, &xmp), Expected::Image("image/jpeg", 8, 6)),
        case(
            "unreadable profile",
            "i.jpg",
            "image/jpeg",
            jpeg_with(&jpeg(8, 6), 0xe2, &icc),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case(
            "text in PNG",
            "t.png",
            "image/png",
            png_with(&png(8, 6), b"tEXt", &text),
            Expected::Image("image/jpeg", 8, 6),
        ),
        case(
            "text in moving PNG",
            "m.png",
            "image/png",
            tail(png_with(&apng(8, 6, 3), b"tEXt", &text)),
            Expected::Animation("image/png", 8, 6),
        ),
        case(
            "EXIF in moving PNG",
            "n.png",
            "image/png",
            png_with(&apng(8, 6, 3), b"eXIf", &exif(1)),
            Expected::Animation("image/png", 8, 6),
        ),
        case(
            "EXIF and XMP in moving WebP",
            "m.webp",
            "image/webp",
            tail(animated_webp(8, 6, 3)),
            Expected::Animation("image/webp", 8, 6),
        ),
        case("comment in moving GIF", "m.gif", "image/gif", tail(gif(9, 7, 4)), Expected::Animation("image/gif", 9, 7)),
        case("bytes behind a PNG", "b.png", "image/png", tail(png(8, 6)), Expected::Image("image/jpeg", 8, 6)),
        case("bytes behind a WebP", "b.webp", "image/webp", tail(webp(8, 6)), Expected::Image("image/jpeg", 8, 6)),
    ];
    for (turn, name) in ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg", "7.jpg", "8.jpg"].into_iter().enumerate()
    {
        let turn = u16::try_from(turn + 1).expect("small");
        let bytes = jpeg_with(&jpeg(8, 6), 0xe1, &[&b"Exif\0\0"[..], &exif(turn)].concat());
        let (width, height) = if turn < 5 { (8, 6) } else { (6, 8) };
        all.push(case("turned, with a place", name, "image/jpeg", bytes, Expected::Image("image/jpeg", width, height)));
    }
    all
}

fn names() -> Vec<Case> {
    let named = |label, name, shown, bytes: &[u8], expected| Case {
        shown: Some(shown),
        ..case(label, name, "", bytes.to_vec(), expected)
    };
    vec![
        named("path", "../../etc/cron.d/photo.txt", "photo.txt", b"hello", Expected::File("text/plain")),
        named(
            "path of Windows",
            "C:\\Windows\\System32\\notes.txt",
            "notes.txt",
            b"hello",
            Expected::File("text/plain"),
        ),
        named("right to left", "photo\u{202e}gpj.exe", "photogpj.exe", b"hello", PROGRAM),
        named(
            "right to left, harmless",
            "a\u{202e}txt.png",
            "atxt.png",
            &png(8, 6),
            Expected::Image("image/jpeg", 8, 6),
        ),
        named("Arabic", "صورة.png", "صورة.png", &png(8, 6), Expected::Image("image/jpeg", 8, 6)),
        named("two extensions", "photo.jpg.exe", "photo.jpg.exe", &jpeg(8, 6), PROGRAM),
        named("spaces and dots behind", "setup.exe. . ", "setup.exe", b"hello", PROGRAM),
        named("path with dots of Windows", "..\\..\\a.txt", "a.txt", b"hello", Expected::File("text/plain")),
        named("address", "https://evil.example/a.txt", "a.txt", b"hello", Expected::File("text/plain")),
        case("path, encoded", "%2e%2e%2fa.txt", "", b"hello".to_vec(), Expected::File("text/plain")),
        named("leading dot", ".htaccess", "htaccess", b"hello", OPAQUE),
        named("leading dot of a picture", ".png", "png", &png(8, 6), OPAQUE),
        named("300 characters", long(300), long(116), &png(8, 6), Expected::Image("image/jpeg", 8, 6)),
        case("family", "👩\u{200d}👩\u{200d}👧.png", "", png(8, 6), Expected::Image("image/jpeg", 8, 6)),
        named("NUL", "photo.png\0.txt", "photo.png.txt", b"hello", Expected::File("text/plain")),
        named("device", "CON.txt", "_CON.txt", b"hello", Expected::File("text/plain")),
        named("nothing left", "\u{200b}..\u{202e}", "file", b"hello", OPAQUE),
        named(
            "quotes and lines",
            "a\"\r\nSet-Cookie: b.txt",
            "a_Set-Cookie_ b.txt",
            b"hello",
            Expected::File("text/plain"),
        ),
    ]
}

/// So many letters and an extension.
fn long(letters: usize) -> &'static str {
    format!("{}.png", "é".repeat(letters)).leak()
}

/// 64 MiB of nothing, packed into 64 KiB, in an archive that says four times that.
fn zip_bomb() -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        packed.write_all(&[0; 1 << 20]).expect("memory");
    }
    let packed = packed.finish().expect("memory");
    let sizes = [u32::try_from(packed.len()).expect("small"), 256 << 20].map(u32::to_le_bytes).concat();
    let head = [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], &[0; 8], &sizes, &[5, 0, 0, 0], b"a.bin"].concat();
    [head, packed].concat()
}

/// A picture whose width is the beginning of a comment, which ends behind it: a script to who reads it as one.
fn gif_script() -> Vec<u8> {
    let width = u16::from_le_bytes(*b"/*");
    [gif(width, 7, 1), [&b"*/=1;alert('"[..], SECRET, b"')"].concat()].concat()
}

fn optimised_grey(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_optimized_huffman_tables(true);
    let pixels: Vec<u8> = (0..width * height).map(|at| (at * 7) as u8).collect();
    encoder.encode(&pixels, width as u16, height as u16, ColorType::Luma).expect("memory");
    bytes
}

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 37) as u8, (y * 53) as u8, 90]))
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("memory");
    bytes.into_inner()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    written(&picture(width, height).into(), ImageFormat::Png)
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    written(&picture(width, height).into(), ImageFormat::WebP)
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ColorType::Rgb, picture(width, height).as_raw(), false)
}

fn progressive(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ColorType::Rgb, picture(width, height).as_raw(), true)
}

fn cmyk(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ColorType::Cmyk, &[10, 200, 30, 40].repeat((width * height) as usize), false)
}

fn encoded(width: u32, height: u32, kind: ColorType, pixels: &[u8], progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_progressive(progressive);
    encoder.encode(pixels, width as u16, height as u16, kind).expect("memory");
    bytes
}

/// A segment right behind the start.
fn jpeg_with(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
}

/// Orientation, and a place as GPS latitude with [`SECRET`] as the camera's name.
fn exif(orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let maker = 8 + 2 + 3 * 12 + 4;
    let gps = maker + SECRET.len() as u32;
    [
        b"II*\0\x08\0\0\0\x03\0".to_vec(),
        entry(0x10f, 2, SECRET.len() as u32, maker),
        entry(0x112, 3, 1, u32::from(orientation)),
        entry(0x8825, 4, 1, gps),
        vec![0; 4],
        SECRET.to_vec(),
        b"\x01\0".to_vec(),
        entry(2, 5, 3, gps + 18),
        vec![0; 4],
        [52_u32, 1, 31, 1, 12, 1].into_iter().flat_map(u32::to_le_bytes).collect(),
    ]
    .concat()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(data).expect("memory");
    packed.finish().expect("memory")
}

fn chunk(tag: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(tag);
    crc.update(data);
    [&u32::try_from(data.len()).expect("short").to_be_bytes()[..], tag, data, &crc.sum().to_be_bytes()].concat()
}

const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";

fn header(width: u32, height: u32, bits: u8, kind: u8, interlace: u8) -> Vec<u8> {
    let data = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, kind, 0, 0, interlace]].concat();
    [PNG_START, &chunk(b"IHDR", &data)].concat()
}

fn png_of(
    width: u32,
    height: u32,
    bits: u8,
    kind: u8,
    interlace: u8,
    more: &[(&[u8; 4], &[u8])],
    data: &[u8],
) -> Vec<u8> {
    let more: Vec<u8> = more.iter().flat_map(|(tag, data)| chunk(tag, data)).collect();
    [header(width, height, bits, kind, interlace), more, chunk(b"IDAT", data), chunk(b"IEND", &[])].concat()
}

/// A chunk right behind the header.
fn png_with(png: &[u8], tag: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let behind = PNG_START.len() + 25;
    [&png[..behind], &chunk(tag, data), &png[behind..]].concat()
}

/// The seven passes of Adam7 over 8 by 8 grey pixels, each line with its filter.
fn interlaced_grey() -> Vec<u8> {
    [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)]
        .into_iter()
        .flat_map(|(width, lines)| {
            (0..lines).flat_map(move |line| std::iter::once(0).chain((0..width).map(move |x| (x * 30 + line) as u8)))
        })
        .collect()
}

fn apng(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let line = [vec![0], vec![120; width as usize * 3]].concat();
    let data = zlib(&line.repeat(height as usize));
    let mut bytes = [header(width, height, 8, 2, 0), chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat())].concat();
    let mut sequence = 0_u32;
    let mut next = || {
        sequence += 1;
        (sequence - 1).to_be_bytes()
    };
    for frame in 0..frames {
        let control =
            [&next()[..], &width.to_be_bytes(), &height.to_be_bytes(), &[0; 8], &[0, 1, 0, 10, 0, 0]].concat();
        bytes.extend(chunk(b"fcTL", &control));
        bytes.extend(if frame == 0 { chunk(b"IDAT", &data) } else { chunk(b"fdAT", &[&next()[..], &data].concat()) });
    }
    bytes.extend(chunk(b"IEND", &[]));
    bytes
}

fn riff(tag: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let pad = if data.len() % 2 == 1 { &[0][..] } else { &[] };
    [&tag[..], &u32::try_from(data.len()).expect("short").to_le_bytes(), data, pad].concat()
}

/// With EXIF, XMP and a profile that is none.
fn animated_webp(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let still = webp(width, height);
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let frame = [vec![0; 6], side(width), side(height), vec![100, 0, 0, 0], still[12..].to_vec()].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(riff(b"VP8X", &[vec![0x2e, 0, 0, 0], side(width), side(height)].concat()));
    body.extend(riff(b"ICCP", SECRET));
    body.extend(riff(b"ANIM", &[0; 6]));
    for _ in 0..frames {
        body.extend(riff(b"ANMF", &frame));
    }
    body.extend(riff(b"EXIF", &exif(6)));
    body.extend(riff(b"XMP ", SECRET));
    riff(b"RIFF", &body)
}

/// Two colours; with a comment, a foreign application block and a loop. Every frame draws one pixel row of its own width.
fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let block = |data: &[u8]| [&[u8::try_from(data.len()).expect("short")][..], data, &[0]].concat();
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([0x80, 0, 0, 200, 30, 40, 30, 40, 200]);
    bytes.extend([&[0x21, 0xfe][..], &block(SECRET)].concat());
    bytes.extend([&[0x21, 0xff][..], &block(b"XMP DataXMP")[..12], &block(SECRET)].concat());
    if frames > 1 {
        bytes.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    }
    for frame in 0..frames {
        bytes.extend([0x21, 0xf9, 4, 0, 10, 0, 0, 0]);
        bytes.extend([0x2c, 0, 0, 0, 0]);
        bytes.extend(if frames > 100 || width > 1_000 {
            [1, 0, 1, 0]
        } else {
            [width.to_le_bytes(), height.to_le_bytes()].concat().try_into().expect("four")
        });
        bytes.push(0);
        if frames > 100 || width > 1_000 {
            bytes.extend([2, 2, 0x44, 1, 0]);
        } else {
            bytes.extend([&[2][..], &block(&lzw(usize::from(width) * usize::from(height), frame % 2))].concat());
        }
    }
    bytes.push(0x3b);
    bytes
}

/// `count` pixels of one colour in codes of three bits: each after a clear code, so that codes never grow.
fn lzw(count: usize, colour: usize) -> Vec<u8> {
    let codes = (0..count).flat_map(|_| [4, colour]).chain([5]);
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for code in codes {
        bits |= (code as u32) << held;
        held += 3;
        while held >= 8 {
            bytes.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    }
    bytes.push(bits as u8);
    bytes
}
