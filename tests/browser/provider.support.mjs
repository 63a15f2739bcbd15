// A strict OpenID provider for people to sign in with: oidc-provider (certified, as others run it), with pages of its own for
// signing in and for agreeing.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tool = createRequire(join(process.env.LAVENDER_NPM, 'package.json'));

/** Whether it can run here; if not, the reason. */
export const withoutProvider =
  Number(process.versions.node.split('.')[0]) < 20 ? 'oidc-provider needs Node.js 20 or newer' : false;

const CLIENT = { client_id: 'lavender', client_secret: 's3cret of the tests 0123456789' };

const page = (title, body) =>
  `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>${title}</title><main><h1>${title}</h1>${body}</main></html>`;

/**
 * Starts one that knows `people`: `{sub: {email, email_verified, name}}`. It lets people back to servers at these origins.
 * Returns `{issuer, env}`: env is for the server. It goes with the test.
 */
export async function provider(t, people, port) {
  const { default: Provider } = await import(pathToFileURL(tool.resolve('oidc-provider')));
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const op = new Provider(issuer, {
    clients: [
      {
        ...CLIENT,
        redirect_uris: [`http://localhost:${port}/auth/oidc/callback`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'first' }] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['of the tests only'] },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 300, Session: 600 },
  });
  // What a person sees and presses there.
  const interact = async (request, response) => {
    const { prompt, params, session } = await op.interactionDetails(request, response);
    if (request.method === 'GET') {
      const choices = Object.entries(people).map(([sub, { name }]) => `<button name="sub" value="${sub}">${name ?? sub}</button>`);
      const agree = '<button name="agree" value="yes">Agree</button>';
      response.setHeader('content-type', 'text/html; charset=utf-8');
      const body = `<form method="post">${prompt.name === 'login' ? choices.join('') : agree}<button name="deny" value="yes">Cancel</button></form>`;
      return response.end(page(prompt.name === 'login' ? 'Choose an account' : 'Agree', body));
    }
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    const end = (result, merge) => op.interactionFinished(request, response, result, { mergeWithLastSubmission: merge });
    if (form.has('deny')) return end({ error: 'access_denied', error_description: 'not now' }, false);
    if (prompt.name === 'login') return end({ login: { accountId: form.get('sub') } }, false);
    const grant = new op.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return end({ consent: { grantId: await grant.save() } }, true);
  };
  const answer = op.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    interact(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(error.message);
    });
  });
  t.after(() => server.closeAllConnections() ?? server.close());
  const env = { OIDC_ISSUER: issuer, OIDC_NAME: 'Example', OIDC_CLIENT_ID: CLIENT.client_id, OIDC_CLIENT_SECRET: CLIENT.client_secret };
  return { issuer, env };
}
