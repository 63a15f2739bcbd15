//! The loudness of a voice message as bars. Pure.

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Bars that are drawn.
pub const BARS: usize = 44;
/// Height of the drawing, and the distance of two bars.
pub const HEIGHT: f32 = 28.0;
pub const STEP: f32 = 4.0;
/// The shortest bar: silence is a dot.
const LEAST: f32 = 0.1;

/// Heights of [`BARS`] bars in `0.0..=1.0`; without a waveform, or with one that can't be read, all are low.
pub fn heights(waveform: Option<&str>) -> Vec<f32> {
    let steps: Option<Vec<f32>> = waveform
        .unwrap_or_default()
        .chars()
        .map(|digit| ALPHABET.find(digit).map(|value| value as f32 / 63.0))
        .collect();
    let steps = steps.filter(|steps| !steps.is_empty());
    let Some(steps) = steps else { return vec![LEAST; BARS] };
    (0..BARS)
        .map(|bar| {
            // The loudest of those that fall together; the same one when there are fewer.
            let from = bar * steps.len() / BARS;
            let to = ((bar + 1) * steps.len() / BARS).clamp(from + 1, steps.len());
            steps[from..to].iter().fold(LEAST, |most, step| most.max(*step))
        })
        .collect()
}

/// Loudnesses in `0.0..=1.0` as a waveform of at most `most` steps, the loudest as high as there is.
pub fn of(loudness: &[f32], most: usize) -> String {
    let count = loudness.len().min(most);
    let loudest = loudness.iter().copied().fold(0.05, f32::max);
    let steps = (0..count).map(|step| {
        let part = &loudness[step * loudness.len() / count..(step + 1) * loudness.len() / count];
        let peak = part.iter().copied().fold(0.0, f32::max) / loudest;
        (peak.clamp(0.0, 1.0) * 63.0).round() as usize
    });
    steps.filter_map(|step| ALPHABET.as_bytes().get(step).map(|byte| char::from(*byte))).collect()
}

/// The bars as one path, [`BARS`] times [`STEP`] wide and [`HEIGHT`] high.
pub fn path(waveform: Option<&str>) -> String {
    let bars = heights(waveform).into_iter().enumerate().map(|(at, height)| {
        let (x, length) = (at as f32 * STEP + STEP / 2.0, height * (HEIGHT - 3.0));
        format!("M{x} {:.1}v{length:.1}", (HEIGHT - length) / 2.0)
    });
    bars.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_steps_makes_all_bars() {
        for count in [1, 7, BARS, 96] {
            let heights = heights(Some(&"_".repeat(count)));
            assert_eq!(heights, vec![1.0; BARS], "{count}");
        }
    }

    #[test]
    fn the_loudest_counts_and_silence_is_seen() {
        let mut text = "A".repeat(BARS * 2);
        text.replace_range(1..2, "_");
        let heights = heights(Some(&text));
        assert_eq!(heights[0], 1.0);
        assert_eq!(heights[1], LEAST);
    }

    #[test]
    fn loudness_becomes_steps_and_its_peaks_are_kept() {
        assert_eq!(of(&[], 96), "");
        assert_eq!(of(&[0.0, 0.5, 0.25], 96), "A_g");
        let long: Vec<f32> = (0..1_000).map(|at| if at == 500 { 1.0 } else { 0.0 }).collect();
        let text = of(&long, 96);
        assert_eq!((text.len(), text.matches('_').count(), text.matches('A').count()), (96, 1, 95));
        assert_eq!(of(&[0.01], 96), "N", "what is hardly heard is not blown up");
    }

    #[test]
    fn what_is_no_waveform_is_flat() {
        for text in [None, Some(""), Some("A B"), Some("ä")] {
            assert_eq!(heights(text), vec![LEAST; BARS]);
        }
        assert_eq!(path(None).matches('M').count(), BARS);
    }
}
