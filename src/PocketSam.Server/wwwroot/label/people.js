// Other people's changes, as events; and who has the picture open.

import { ask, byId } from '../scripts/dom.js';
import { pauseBefore, sleep } from '../scripts/service/backoff.js';

const HEARTBEAT = 20_000;

export function mountPeople(app, jobs) {
  const { store } = app;
  byId('labeller').addEventListener('click', () => app.rename());
  store.watch(['project'], ({ project }) => {
    byId('labeller-name').textContent = project?.labeller ?? '';
  });
  store.watch(['openBy', 'picture'], ({ openBy }) => {
    const others = openBy.filter((who) => who !== app.labeller);
    byId('presence').hidden = others.length === 0;
    byId('presence-text').textContent = `${others.join(', ')} ${others.length > 1 ? 'have' : 'has'} it open`;
  });
  let shown = null;
  store.watch(['picture'], ({ picture }) => {
    if (!picture || picture.id === shown) return;
    shown = picture.id;
    beat();
  });
  setInterval(beat, HEARTBEAT);
  addEventListener('pagehide', () => app.session && app.label.close(app.session.id).catch(() => {}));

  async function beat() {
    const { session } = app;
    if (!session || document.visibilityState === 'hidden') return;
    try {
      const { openBy } = await app.label.open(session.id);
      if (session === app.session) store.update({ openBy });
    } catch {
      // Failures are ignored, because presence is optional.
    }
  }

  async function listen() {
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const { data } of app.label.events()) {
          attempt = 0;
          heard(data);
        }
      } catch {
        // Subscribes again, and reloads what may have changed meanwhile.
      }
      await sleep(pauseBefore(attempt));
      await app.refreshProject();
      if (app.session) await app.label.picture(app.session.id).then(({ version }) => changed({ id: app.session.id, version }), () => {});
    }
  }

  function heard(event) {
    if (event.kind === 'job') jobs.told(event.job);
    else if (event.kind === 'classes') app.refreshProject();
    else if (event.kind === 'picture') changed(event);
    else app.told(event);
    if (event.kind === 'presence' && event.id === app.session?.id) store.update({ openBy: event.openBy });
    if (event.kind === 'pictures') app.refreshCountsSoon();
  }

  async function changed(event) {
    const { session } = app;
    if (event.tab === app.tab) return;
    app.refreshCountsSoon();
    const isOpen = session?.id === event.id;
    if (!isOpen || app.outbox.of(event.id).length || event.version <= session.acked.version) {
      if (!isOpen) app.told({ kind: 'picture', id: event.id });
      return;
    }
    try {
      await app.reload();
      if (event.by) app.notices.info(`${event.by} changed this picture; it is shown as it is now.`, { id: 'changed' });
    } catch (error) {
      app.tell(error);
    }
  }

  return { listen };
}

/** The name that changes are sent with. */
export async function askName(proposed) {
  const input = byId('name-input');
  input.value = proposed ?? '';
  return (await ask(byId('name-dialog'))) === 'ok' ? input.value : null;
}
