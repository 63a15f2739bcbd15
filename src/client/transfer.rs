//! Bytes on their way up.

use crate::Error;
use crate::client::connection::Input;
use crate::client::outbox::Upload;
use crate::client::platform::{self, Listener};
use crate::client::uploads::Bytes;
use crate::id::FileId;
use dioxus::prelude::Coroutine;
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{ProgressEvent, XmlHttpRequest};

/// What is on its way and of which nothing is heard for so long is given up. A large picture takes the server a while.
const SILENCE_MS: u32 = 60_000;

/// Something that is being put under a path of our server.
pub struct Put {
    request: XmlHttpRequest,
    is_over: Rc<Cell<bool>>,
    _listeners: Vec<Listener>,
}

impl Put {
    /// `moved` hears how many bytes have left, and of how many. `ended` gets the server's answer, unless it is stopped first;
    /// [`Error::Offline`] without one. `None`: the browser refuses to begin.
    pub fn begin(
        path: &str,
        mime: &str,
        bytes: &Bytes,
        mut moved: impl FnMut(f64, f64) + 'static,
        ended: impl FnOnce(Result<String, Error>) + 'static,
    ) -> Option<Self> {
        // Fetch cannot say how much has left.
        let request = XmlHttpRequest::new().ok()?;
        request.open_with_async("PUT", path, true).ok()?;
        let mime = if mime.is_empty() { "application/octet-stream" } else { mime };
        request.set_request_header("Content-Type", mime).ok()?;
        let is_over = Rc::new(Cell::new(false));
        let heard = Rc::new(Cell::new(0_u32));
        let moves = heard.clone();
        let end = {
            let (is_over, ended) = (is_over.clone(), Rc::new(Cell::new(Some(ended))));
            move |result| {
                if !is_over.replace(true)
                    && let Some(ended) = ended.take()
                {
                    ended(result);
                }
            }
        };
        let (loaded, failed, aborted) = (end.clone(), end.clone(), end);
        let (answer, upward) = (request.clone(), request.upload().ok()?);
        let listeners = vec![
            Listener::new(&upward, "progress", move |event| {
                moves.set(moves.get().wrapping_add(1));
                if let Some(event) = event.dyn_ref::<ProgressEvent>() {
                    moved(event.loaded(), event.total());
                }
            }),
            Listener::new(&request, "load", move |_| loaded(result(&answer))),
            Listener::new(&request, "error", move |_| failed(Err(Error::Offline))),
            Listener::new(&request, "abort", move |_| aborted(Err(Error::Offline))),
        ];
        request.send_with_opt_blob(Some(bytes)).ok()?;
        watch(request.clone(), heard, is_over.clone());
        Some(Self { request, is_over, _listeners: listeners })
    }

    /// Nobody wants it any more; its end is not told.
    pub fn stop(&self) {
        if !self.is_over.replace(true) {
            self.request.abort().ok();
        }
    }

    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends one of which nothing is heard.
fn watch(request: XmlHttpRequest, heard: Rc<Cell<u32>>, is_over: Rc<Cell<bool>>) {
    wasm_bindgen_futures::spawn_local(async move {
        let mut before = None;
        while !is_over.get() && before != Some(heard.get()) {
            before = Some(heard.get());
            TimeoutFuture::new(SILENCE_MS).await;
        }
        if !is_over.get() {
            request.abort().ok();
        }
    });
}

fn result(request: &XmlHttpRequest) -> Result<String, Error> {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200..=299) => Ok(text),
        Ok(code) => Err(platform::error_of(code, &text)),
        Err(_) => Err(Error::Offline),
    }
}

/// A file of a send on its way up. Ends with [`Input::UploadEnded`], unless it is stopped first.
pub struct Transfer {
    pub local: FileId,
    pub id: FileId,
    put: Put,
}

impl Transfer {
    /// `None`: the browser refuses to begin.
    pub fn begin(upload: &Upload, bytes: &Bytes, inputs: Coroutine<Input>) -> Option<Self> {
        let (local, id) = (upload.file.local, upload.id);
        let moved = move |sent: f64, _| inputs.send(Input::UploadMoved { local, sent: sent as u64 });
        let ended = move |answer: Result<String, Error>| {
            let result = answer.and_then(|text| serde_json::from_str(&text).map_err(|_| Error::Outdated));
            inputs.send(Input::UploadEnded { local, id, result });
        };
        let put = Put::begin(&address(upload), &upload.file.mime, bytes, moved, ended)?;
        Some(Self { local, id, put })
    }

    /// Nobody wants it any more; its end is not told.
    pub fn stop(&self) {
        self.put.stop();
    }

    pub fn is_over(&self) -> bool {
        self.put.is_over()
    }
}

fn address(upload: &Upload) -> String {
    let (file, hints) = (&upload.file, &upload.file.hints);
    let name = String::from(js_sys::encode_uri_component(&file.name));
    let mut address = format!("/files/{}?room={}&name={name}", upload.id, upload.room_id);
    for (key, value) in [("width", hints.width), ("height", hints.height), ("duration_ms", hints.duration_ms)] {
        if let Some(value) = value {
            address += &format!("&{key}={value}");
        }
    }
    if let Some(waveform) = &hints.waveform {
        address += "&waveform=";
        address += waveform;
    }
    if hints.voice {
        address += "&voice=true";
    }
    address
}
