// A language model that says what a test tells it to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { within } from './support.mjs';

/** A server that speaks Chat Completions. Each request waits for what the test says, but for those that find out what it can do. */
export async function scripted(t) {
  const waiting = [];
  const asked = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const one = {
      body: JSON.parse(body),
      closed: once(response, 'close'),
      say(text) {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`);
      },
      finish() {
        response.end(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
      },
      refuse(status, error) {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      },
    };
    // Only those have nothing but a question.
    if (one.body.messages.every(({ role }) => role === 'user')) {
      one.say('No.');
      one.finish();
      return;
    }
    const next = waiting.shift();
    if (next) next(one);
    else asked.push(one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked: () => within('the model is asked', new Promise((next) => (asked.length ? next(asked.shift()) : waiting.push(next)))),
  };
}
