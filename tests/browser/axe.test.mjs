// Nothing that axe can find is wrong, on any page, open panel, menu or dialog: in light and dark, on a desktop and a phone.
//
// To look at something new, add a line to SCREENS: what it is called, who looks (`ann`, an admin with chats and requests, or
// a `visitor`), where, and what to press. `ready` is waited for before axe looks; `only` limits it to one size.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { axeSource, call, composer, connect, launch, message, open, register, say, serve, tick } from './support.mjs';

const LOOKS = ['light', 'dark'].flatMap((scheme) => [
  { name: `${scheme}, desktop`, scheme, size: { width: 1280, height: 800 } },
  { name: `${scheme}, phone`, scheme, size: { width: 390, height: 844 } },
]);

const button = (name) => async (page) => page.getByRole('button', { name }).first().click();
const item = (name) => async (page) => page.getByRole('menuitem', { name }).first().click();
const line = (name) => async (page) => page.getByTestId('panel').getByRole('button', { name }).first().click();
const key = (name) => async (page) => page.keyboard.press(name);
const tab = (name) => async (page) => page.getByRole('tab', { name }).click();
const row = (page, name) => page.getByTestId('room').filter({ has: page.locator('.name', { hasText: name }) });
const chatMenu = async (page) => row(page, 'Benno').click({ button: 'right' });
const messageMenu = async (page) => message(page, 'the gate is open').locator('.bubble').click({ button: 'right' });
const details = button('Details');
const shown = (role, name) => (page) => page.getByRole(role, { name }).first();
const panel = (page) => page.getByTestId('panel');
const room = 'room';
const group = 'group';

const SCREENS = [
  { name: 'sign in', as: 'visitor', path: '/login' },
  { name: 'create an account', as: 'visitor', path: '/register' },
  { name: 'chats', path: '/' },
  { name: 'chats, none unread', path: '/', press: [tab(/^Unread/)] },
  { name: 'chats, no AI', path: '/', press: [tab('AI')], ready: (page) => page.getByText('No AI here yet') },
  { name: 'archive', path: '/', press: [button(/^Archived/)], ready: shown('heading', 'Archived') },
  { name: 'menu of a chat', path: '/', press: [chatMenu], ready: shown('menu') },
  { name: 'notifications of a chat', path: '/', press: [chatMenu, item(/^Mute and/)], ready: shown('menuitemradio', 'All messages') },
  { name: 'main menu', path: '/', press: [button('Menu')], ready: shown('menu') },
  { name: 'settings', path: '/', press: [button('Menu'), item('Settings')], ready: (page) => page.getByTestId('settings') },
  { name: 'settings, look', path: '/settings/look', ready: (page) => page.getByTestId('device').first() },
  { name: 'settings, notifications', path: '/settings/notifications', ready: (page) => page.getByTestId('permission') },
  { name: 'settings, sign-in', path: '/settings/sign-in', ready: shown('form', 'Password') },
  { name: 'settings, data', path: '/settings/data', ready: (page) => page.getByTestId('leave') },
  { name: 'settings, privacy', path: '/settings/privacy', ready: (page) => page.getByText(/Nobody is blocked|Unblock/).first() },
  { name: 'keys', path: '/', press: [button('Menu'), item('Keyboard shortcuts')], ready: shown('dialog', 'Keyboard shortcuts') },
  { name: 'requests', path: '/requests' },
  { name: 'new chat', path: '/new' },
  { name: 'search', path: '/', press: [key('Control+k'), async (page) => page.keyboard.type('ben')], ready: shown('option') },
  { name: 'search in a chat', path: room, press: [key('Control+Shift+f'), async (page) => page.keyboard.type('gate')], ready: shown('search') },
  { name: 'administration', path: '/admin', ready: (page) => page.getByTestId('admin') },
  { name: 'nothing here', path: '/nothing/here' },
  { name: 'no such chat', path: `/r/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}` },
  { name: 'a chat', path: room, ready: (page) => message(page, 'the gate is open') },
  { name: 'a group', path: group, ready: (page) => page.getByTestId('system').first() },
  { name: 'menu of a message', path: room, press: [messageMenu], ready: shown('menu') },
  { name: 'delivery', path: room, press: [messageMenu, item('Delivery')], ready: shown('dialog', 'Delivery') },
  { name: 'forward', path: room, press: [messageMenu, item('Forward')], ready: shown('dialog', 'Forward to') },
  { name: 'delete', path: room, press: [messageMenu, item(/^Delete/)], ready: shown('dialog', /^Delete/) },
  { name: 'select', path: room, press: [messageMenu, item('Select')] },
  { name: 'reply', path: room, press: [messageMenu, item('Reply')] },
  { name: 'emoji', path: room, press: [button('Emoji')], ready: shown('dialog', 'Emoji') },
  { name: 'formatting', path: room, press: [async (page) => composer(page).fill('Hi @an')] },
  { name: 'my profile', path: '/', press: [button('Menu'), item(/profile/i)], ready: panel },
  { name: 'new group', path: '/new/group' },
  { name: 'profile', path: room, press: [details], ready: panel },
  { name: 'report', path: room, press: [details, line(/^Report/)], ready: shown('dialog', "What's wrong?") },
  { name: 'clear', path: room, press: [details, line('Clear chat')], ready: shown('alertdialog') },
  { name: 'group details', path: group, press: [details], ready: panel },
  { name: 'add people', path: group, press: [details, line('Add people')], ready: panel },
  { name: 'invite links', path: group, press: [details, line('Invite links')], ready: panel },
  { name: 'group settings', path: group, press: [details, line('Group settings')], ready: panel },
];

test('axe finds nothing, wherever one looks', { timeout: 900_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const axe = await axeSource();
  // axe is put in past the policy, so it is not in force here; other tests hold it.
  const ann = await register(browser, server, 'Annie', { bypassCSP: true });
  const [ben, cleo] = [await register(browser, server, 'Benno'), await register(browser, server, 'Cleo')];
  const visitor = await open(browser, server, { bypassCSP: true });
  const paths = { room: `/r/${await connect(ben, ann, 'A word with https://example.org/link in it')}` };
  await connect(cleo, ann, 'Hello');
  const stranger = await register(browser, server, 'Strange');
  const [me] = await call(stranger.page, 'GET', '/api/people?query=annie');
  await call(stranger.page, 'POST', '/api/requests', { to: me.person.id, intro: 'Please' });
  const [friend] = await call(ann.page, 'GET', '/api/people?query=benno');
  const made = await call(ann.page, 'POST', '/api/rooms', {
    room_id: randomUUID(), name: 'Harvest', description: 'Apples, mostly', members: [friend.person.id],
  });
  paths.group = `/r/${made.room.room.id}`;
  await ann.page.goto(paths.room);
  for (const text of ['the gate is open', '**bold**, `code`, ||covered|| and > not quoted', '```rust\nfn main() {}\n```', '> quoted\n- one\n- two']) {
    await say(ann.page, text);
  }
  await tick(ann.page, 'the gate is open', 'sent', 'delivered', 'read');
  // Something is in the archive, something is muted and pinned.
  await ann.page.goto('/');
  const cleoRow = row(ann.page, 'Cleo');
  await cleoRow.click({ button: 'right' });
  await ann.page.getByRole('menuitem', { name: 'Archive' }).click();
  await cleoRow.waitFor({ state: 'detached' });

  for (const look of LOOKS) {
    for (const screen of SCREENS.filter(({ only }) => !only || look.name.endsWith(only))) {
      await t.test(`${screen.name} (${look.name})`, async () => {
        const { page, watch } = screen.as === 'visitor' ? visitor : ann;
        await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(look.size);
        const before = watch.synced;
        await page.goto(paths[screen.path] ?? screen.path);
        if (page === ann.page) await watch.live(before);
        for (const press of screen.press ?? []) await press(page);
        if (screen.ready) await screen.ready(page).waitFor();
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
          return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.html.slice(0, 160)}`).join(', ')}`);
        });
        assert.deepEqual(violations, []);
      });
    }
  }
});
