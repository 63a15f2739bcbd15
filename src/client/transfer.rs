//! One file on its way up.

use crate::Error;
use crate::client::connection::Input;
use crate::client::outbox::Upload;
use crate::client::platform::{self, Listener};
use crate::client::uploads::Bytes;
use crate::id::FileId;
use crate::model::Attachment;
use dioxus::prelude::Coroutine;
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::{ProgressEvent, XmlHttpRequest};

/// An upload of which nothing is heard for so long is given up and begins anew. A large picture takes the server a while.
const SILENCE_MS: u32 = 60_000;

/// Ends with [`Input::UploadEnded`], unless it is stopped first.
pub struct Transfer {
    pub local: FileId,
    pub id: FileId,
    request: XmlHttpRequest,
    is_over: Rc<Cell<bool>>,
    _listeners: Vec<Listener>,
}

impl Transfer {
    /// `None`: the browser refuses to begin.
    pub fn begin(upload: &Upload, bytes: &Bytes, inputs: Coroutine<Input>) -> Option<Self> {
        let (local, id) = (upload.file.local, upload.id);
        // Fetch cannot say how much has left.
        let request = XmlHttpRequest::new().ok()?;
        request.open_with_async("PUT", &address(upload), true).ok()?;
        let mime = Some(upload.file.mime.as_str()).filter(|mime| !mime.is_empty());
        request.set_request_header("Content-Type", mime.unwrap_or("application/octet-stream")).ok()?;
        let is_over = Rc::new(Cell::new(false));
        let heard = Rc::new(Cell::new(0_u32));
        let moved = heard.clone();
        let end = {
            let is_over = is_over.clone();
            move |result| {
                if !is_over.replace(true) {
                    inputs.send(Input::UploadEnded { local, id, result });
                }
            }
        };
        let (loaded, failed, aborted) = (end.clone(), end.clone(), end);
        let (answer, upward) = (request.clone(), request.upload().ok()?);
        let listeners = vec![
            Listener::new(&upward, "progress", move |event| {
                moved.set(moved.get().wrapping_add(1));
                if let Some(sent) = wasm_bindgen::JsCast::dyn_ref::<ProgressEvent>(&event).map(ProgressEvent::loaded) {
                    inputs.send(Input::UploadMoved { local, sent: sent as u64 });
                }
            }),
            Listener::new(&request, "load", move |_| loaded(result(&answer))),
            Listener::new(&request, "error", move |_| failed(Err(Error::Offline))),
            Listener::new(&request, "abort", move |_| aborted(Err(Error::Offline))),
        ];
        request.send_with_opt_blob(Some(bytes)).ok()?;
        watch(request.clone(), heard, is_over.clone());
        Some(Self { local, id, request, is_over, _listeners: listeners })
    }

    /// Nobody wants it any more; its end is not told.
    pub fn stop(&self) {
        self.is_over.set(true);
        self.request.abort().ok();
    }

    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }
}

/// Ends an upload of which nothing is heard.
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

fn result(request: &XmlHttpRequest) -> Result<Attachment, Error> {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200..=299) => serde_json::from_str(&text).map_err(|_| Error::Outdated),
        Ok(code) => Err(platform::error_of(code, &text)),
        Err(_) => Err(Error::Offline),
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
