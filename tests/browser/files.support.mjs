// Files to send, made here byte by byte, and the ways in which people bring them.
import { deflateSync, crc32 } from 'node:zlib';

const chunk = (name, data) => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
};

/** A PNG picture: a sky over hills in a hue of `seed`, so that it looks like something. With `noise` it is large in bytes. */
export function png(width, height, seed = 0, noise = false) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  let random = seed + 1;
  for (let y = 0; y < height; y += 1) {
    const at = y * (1 + width * 3);
    for (let x = 0; x < width; x += 1) {
      const hill = height * (0.62 + 0.1 * Math.sin((x / width) * 6 + seed)) < y;
      const rise = y / height;
      const sky = [150 + 90 * rise, 130 + 60 * rise + seed * 12, 235 - 60 * rise];
      const ground = [70 + 60 * rise, 90 + seed * 25, 110 + 40 * Math.sin(x / 9)];
      for (let c = 0; c < 3; c += 1) {
        random = (random * 1103515245 + 12345) & 0x7fffffff;
        rows[at + 1 + x * 3 + c] = noise ? random >> 16 : Math.max(0, Math.min(255, (hill ? ground : sky)[c]));
      }
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: noise ? 0 : 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of `frames` flat pictures, 100 ms each, for ever. */
export function gif(width, height, frames = 6) {
  const short = (n) => Buffer.from([n & 255, n >> 8]);
  const palette = Buffer.from(Array.from({ length: 8 }, (_, n) => [90 + n * 20, 70 + n * 12, 220 - n * 10]).flat());
  const parts = [Buffer.from('GIF89a'), short(width), short(height), Buffer.from([0xf2, 0, 0]), palette];
  parts.push(Buffer.from([0x21, 0xff, 11]), Buffer.from('NETSCAPE2.0'), Buffer.from([3, 1, 0, 0, 0]));
  for (let frame = 0; frame < frames; frame += 1) {
    // Codes of 4 bits, with a "clear" before each pixel pair: large, but simple. 8 clears, 9 ends.
    const codes = [];
    for (let n = 0; n < width * height; n += 1) {
      if (n % 6 === 0) codes.push(8);
      codes.push((frame + Math.floor(((n % width) / width) * 4)) % 8);
    }
    codes.push(9);
    const bytes = [];
    for (let n = 0; n < codes.length; n += 2) bytes.push(codes[n] | ((codes[n + 1] ?? 0) << 4));
    parts.push(Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0]), short(width), short(height), Buffer.from([0, 3]));
    for (let at = 0; at < bytes.length; at += 255) {
      const block = bytes.slice(at, at + 255);
      parts.push(Buffer.from([block.length, ...block]));
    }
    parts.push(Buffer.from([0]));
  }
  parts.push(Buffer.from([0x3b]));
  return Buffer.concat(parts);
}

/** A WAV sound of so many seconds. */
export function wav(seconds) {
  const rate = 8_000;
  const data = Buffer.alloc(rate * seconds * 2);
  for (let n = 0; n < rate * seconds; n += 1) data.writeInt16LE(6_000 * Math.sin((n / rate) * 2 * Math.PI * 440), n * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

export const pdf = (bytes = 2_000) => Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(bytes, 0x20), Buffer.from('\n%%EOF\n')]);

/** A film of two seconds, recorded by the browser itself. */
export const film = async (page) =>
  Buffer.from(
    await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
      const draw = canvas.getContext('2d');
      let n = 0;
      const timer = setInterval(() => {
        draw.fillStyle = `hsl(${250 + n} 60% 60%)`;
        draw.fillRect(0, 0, 320, 180);
        draw.fillStyle = 'white';
        draw.fillRect((n += 4) % 320, 60, 60, 60);
      }, 40);
      const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
      const parts = [];
      recorder.ondataavailable = (event) => parts.push(event.data);
      const ended = new Promise((done) => (recorder.onstop = done));
      recorder.start();
      // As long as the film is to be.
      await new Promise((done) => setTimeout(done, 2_000));
      recorder.stop();
      await ended;
      clearInterval(timer);
      return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
    }),
  );

export const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });

/** Chooses files with the button of the composer. */
export async function attach(page, ...files) {
  const asked = page.waitForEvent('filechooser');
  await page.getByTestId('attach').click();
  await (await asked).setFiles(files);
}

/** A DataTransfer in the page that carries files. */
export const carried = (page, ...files) =>
  page.evaluateHandle(
    (files) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of files) {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      return transfer;
    },
    files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') })),
  );

/** Pastes files where the focus is. */
export const paste = async (page, ...files) =>
  page.evaluate((clipboardData) => {
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
  }, await carried(page, ...files));

export const tray = (page) => page.getByTestId('tray');
export const items = (page) => page.getByTestId('tray-item');
export const problems = (page) => page.getByTestId('attach-problems');

const sessions = new WeakMap();

/** Lets so many bytes of the page leave in a second; 0: as many as there are. */
export async function slow(page, bytes) {
  // One for each page: what another one slowed stays slow.
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  const session = sessions.get(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytes || -1,
  });
}

/** Waits until all pictures within a locator are drawn. */
export const drawn = (locator) =>
  locator.evaluate(async (box) => {
    const is = () => {
      const all = [...box.querySelectorAll('img.sharp')];
      return all.length > 0 && all.every((image) => image.complete && image.naturalWidth > 0);
    };
    while (!is()) await new Promise((done) => requestAnimationFrame(done));
  });
