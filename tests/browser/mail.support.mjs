// The mail server of scripts/with-mail.sh, and the letters that it keeps.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { within } from './support.mjs';

/** Whether letters can be read here; if not, the reason. */
export const withoutMail = () => (process.env.TEST_SMTP_URL ? false : 'TEST_SMTP_URL is not set');

/** The settings of a server that writes letters. */
export const mailed = () => ({
  SMTP_URL: process.env.TEST_SMTP_URL,
  SMTP_CA: process.env.TEST_SMTP_CA,
  SMTP_FROM: 'Lavender <chat@example.org>',
});

/** The `n`th letter (from 0) to an address, as `{text, html, link(page)}`. */
export async function letter(address, n = 0) {
  const file = join(process.env.TEST_SMTP_FOLDER, `${address}.${n}.eml`);
  const read = async () => {
    for (;;) {
      const found = await readFile(file, 'latin1').catch(() => null);
      if (found) return found;
      await new Promise((done) => setImmediate(done));
    }
  };
  const raw = await within(`letter ${n} to ${address}`, read());
  const plain = (part) =>
    Buffer.from(part.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');
  const boundary = /boundary="([^"]+)"/.exec(raw)[1];
  const parts = raw.split(`--${boundary}`).map((part) => part.split('\r\n\r\n'));
  const of = (type) => {
    const [, ...body] = parts.find(([head]) => head.includes(`Content-Type: ${type}`));
    return plain(body.join('\r\n\r\n')).trim();
  };
  const text = of('text/plain');
  return { text, html: of('text/html'), link: (page) => new RegExp(`https?://\\S+${page}\\S*`).exec(text)[0] };
}
