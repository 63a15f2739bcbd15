use super::{Denied, Recorded};
use crate::client::platform::{self, Listener, within};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AnalyserNode, AudioContext, Blob, BlobEvent, BlobPropertyBag, DomException, Event, MediaDevices, MediaRecorder,
    MediaRecorderOptions, MediaStream, MediaStreamConstraints, MediaStreamTrack, RecordingState,
};

/// What browsers record, the best first.
const TYPES: [&str; 3] = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_PER_SECOND: u32 = 32_000;
/// The browser hands over what it has so often, in milliseconds.
const SLICE_MS: i32 = 1_000;
/// How long the end of a recording may take.
const END_MS: u32 = 5_000;
/// Samples that loudness is taken from.
const SAMPLES: usize = 1_024;

/// Something that is being spoken. When the last clone is dropped the microphone is off and nothing is kept.
#[derive(Clone)]
pub struct Recording(Rc<Open>);

/// A microphone that is on, until this is dropped.
struct Microphone(MediaStream);

impl Microphone {
    fn stop(&self) {
        for track in self.0.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Open {
    recorder: MediaRecorder,
    microphone: Microphone,
    parts: Rc<RefCell<Vec<Blob>>>,
    context: Option<AudioContext>,
    analyser: Option<AnalyserNode>,
    began: i64,
    /// How long it was, once it has ended.
    length: Rc<Cell<Option<u32>>>,
    /// Kept when the last part is there.
    ended: js_sys::Promise,
    _listeners: (Listener, Option<Listener>),
}

impl Open {
    fn stop(&self) {
        if self.recorder.state() != RecordingState::Inactive {
            self.recorder.stop().ok();
        }
        self.microphone.stop();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop();
        if let Some(context) = &self.context {
            context.close().map(drop).ok();
        }
    }
}

fn devices() -> Option<MediaDevices> {
    let navigator = web_sys::window()?.navigator();
    // Without any, the getter of web-sys would return something that is none.
    js_sys::Reflect::get(&navigator, &"mediaDevices".into()).ok()?.dyn_into().ok()
}

fn denied(error: &JsValue) -> Denied {
    Denied::of(&error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default())
}

fn ms_since(began: i64) -> u32 {
    u32::try_from(platform::now_ms() - began).unwrap_or(0)
}

impl Recording {
    /// Asks for the microphone and begins. Given up while it asks, what is allowed later is let go at once.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn begin() -> Result<Self, Denied> {
        let outcome = Rc::new(RefCell::new(None));
        let wanted = Rc::downgrade(&outcome);
        let asked = wasm_bindgen_futures::future_to_promise(async move {
            let begun = Self::open().await;
            if let Some(wanted) = wanted.upgrade() {
                *wanted.borrow_mut() = Some(begun);
            }
            Ok(JsValue::UNDEFINED)
        });
        JsFuture::from(asked).await.ok();
        outcome.take().unwrap_or(Err(Denied::NotAllowed))
    }

    async fn open() -> Result<Self, Denied> {
        let devices = devices().ok_or(Denied::Unsupported)?;
        let mime = TYPES.into_iter().find(|mime| MediaRecorder::is_type_supported(mime)).ok_or(Denied::Unsupported)?;
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&JsValue::TRUE);
        let asked = devices.get_user_media_with_constraints(&constraints).map_err(|_| Denied::Unsupported)?;
        let stream: MediaStream =
            JsFuture::from(asked).await.map_err(|error| denied(&error))?.dyn_into().map_err(|_| Denied::Unsupported)?;
        // From here on: whatever fails, it goes off.
        let microphone = Microphone(stream.clone());
        let options = MediaRecorderOptions::new();
        options.set_mime_type(mime);
        options.set_audio_bits_per_second(BITS_PER_SECOND);
        let recorder = MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options)
            .map_err(|_| Denied::Unsupported)?;
        let parts = Rc::new(RefCell::new(Vec::new()));
        let kept = parts.clone();
        let listener = Listener::new(&recorder, "dataavailable", move |event: Event| {
            if let Some(part) = event.dyn_ref::<BlobEvent>().and_then(BlobEvent::data).filter(|part| part.size() > 0.0)
            {
                kept.borrow_mut().push(part);
            }
        });
        let (began, length) = (platform::now_ms(), Rc::new(Cell::new(None)));
        let at_end = length.clone();
        let mut stopped = None;
        let ended = js_sys::Promise::new(&mut |resolve, _| {
            let at_end = at_end.clone();
            stopped = Some(Listener::new(&recorder, "stop", move |_| {
                // By itself, when the microphone was taken away.
                if at_end.get().is_none() {
                    at_end.set(Some(ms_since(began)));
                }
                resolve.call0(&JsValue::NULL).ok();
            }));
        });
        recorder.start_with_time_slice(SLICE_MS).map_err(|_| Denied::Unsupported)?;
        // Only for looks: where it fails the bars stay low.
        let context = AudioContext::new().ok();
        let analyser = context.as_ref().and_then(|context| {
            let analyser = context.create_analyser().ok()?;
            analyser.set_fft_size(SAMPLES as u32);
            context.create_media_stream_source(&stream).ok()?.connect_with_audio_node(&analyser).ok()?;
            Some(analyser)
        });
        Ok(Self(Rc::new(Open {
            recorder,
            microphone,
            parts,
            context,
            analyser,
            began,
            length,
            ended,
            _listeners: (listener, stopped),
        })))
    }

    /// How loud it is now, in `0.0..=1.0`.
    pub fn loudness(&self) -> f32 {
        let Some(analyser) = &self.0.analyser else { return 0.0 };
        let mut samples = [0.0_f32; SAMPLES];
        analyser.get_float_time_domain_data(&mut samples);
        let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / SAMPLES as f32;
        // Speech is far below the loudest that there is.
        (power.sqrt() * 4.0).clamp(0.0, 1.0)
    }

    pub fn duration_ms(&self) -> u32 {
        self.0.length.get().unwrap_or_else(|| ms_since(self.0.began))
    }

    /// Takes no more, and the microphone goes off. What was spoken is still there.
    pub fn end(&self) {
        self.0.length.set(Some(self.duration_ms()));
        self.0.stop();
    }

    /// Ended from here, or because the microphone was taken away.
    pub fn has_ended(&self) -> bool {
        self.0.length.get().is_some()
    }

    /// Ends it and gives what was spoken; as often as it is asked for. `None`: the browser has nothing to give.
    pub async fn finish(&self) -> Option<Recorded> {
        self.end();
        let open = &self.0;
        let duration_ms = self.duration_ms();
        within(END_MS, JsFuture::from(open.ended.clone())).await?.ok()?;
        let mime = open.recorder.mime_type();
        let mime = mime.split(';').next().unwrap_or_default().to_owned();
        let parts: js_sys::Array = open.parts.borrow().iter().collect();
        let bag = BlobPropertyBag::new();
        bag.set_type(&mime);
        let bytes = Blob::new_with_blob_sequence_and_options(&parts, &bag).ok()?;
        let size = bytes.size() as u64;
        (size > 0).then_some(Recorded { bytes, mime, size, duration_ms })
    }
}
