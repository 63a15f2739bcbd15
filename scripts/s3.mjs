// The few things with-s3.sh asks of an S3 server. The key is in S3_KEY and S3_SECRET.
//
//   node s3.mjs ready ENDPOINT          waits until it answers
//   node s3.mjs buckets ENDPOINT NAME…  makes buckets
import { createHash, createHmac } from 'node:crypto';

const [what, endpoint, ...names] = process.argv.slice(2);
const patience_ms = 60_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const hash = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

async function ready() {
  const end = Date.now() + patience_ms;
  while (Date.now() < end) {
    const answer = await fetch(`${endpoint}/status`).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`${endpoint}: not within ${patience_ms / 1000} s`);
}

/** A request signed as AWS does (Signature Version 4), without a body. */
async function signed(method, path) {
  const { host } = new URL(endpoint);
  const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const [day, region] = [at.slice(0, 8), 'us-east-1'];
  const headers = { host, 'x-amz-content-sha256': hash(''), 'x-amz-date': at };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([key, value]) => `${key}:${value}\n`).join('');
  const request = [method, path, '', lines, names, hash('')].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${process.env.S3_SECRET}`, day));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, hash(request)].join('\n')).toString('hex');
  const { host: _, ...sent } = headers;
  sent.authorization =
    `AWS4-HMAC-SHA256 Credential=${process.env.S3_KEY}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return fetch(`${endpoint}${path}`, { method, headers: sent });
}

async function bucket(name) {
  const end = Date.now() + patience_ms;
  let said;
  // It answers a moment before it can store anything.
  while (Date.now() < end) {
    const answer = await signed('PUT', `/${name}`).catch(() => null);
    if (answer?.ok) return;
    said = answer && `${answer.status} ${await answer.text()}`;
    if (answer?.status === 403) break;
    await pause(100);
  }
  throw new Error(`no bucket: ${said}`);
}

switch (what) {
  case 'ready': await ready(); break;
  case 'buckets': for (const name of names) await bucket(name); break;
  default: throw new Error(`s3.mjs: what is "${what}"?`);
}
