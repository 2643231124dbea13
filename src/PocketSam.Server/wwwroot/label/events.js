// What others do, and what the server does on its own, as it happens.

import { pauseBefore, sleep } from '../scripts/service/backoff.js';

const PAUSE = 250;

export async function listen(app, list) {
  let refreshing;
  const refresh = () => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => {
      list.refresh();
      app.refreshProject().catch(() => {});
    }, PAUSE);
  };
  const take = (event) => {
    if (event.kind === 'presence') list.presence(event.id, event.openBy);
    else if (event.kind === 'classes') app.refreshProject().catch(() => {});
    else if (event.kind === 'pictures') refresh();
    else if (event.kind === 'picture' && event.tab !== app.client.tab) {
      refresh();
      app.changedElsewhere(event);
    }
  };

  // A stream that ends is asked for again; what happened in between is asked for with it.
  for (let attempt = 0; ; attempt++) {
    try {
      for await (const { data } of app.client.events()) {
        if (attempt > 0) catchUp();
        attempt = 0;
        take(data);
      }
    } catch {
      // The server does not answer, which the changes that wait say too.
    }
    await sleep(pauseBefore(attempt));
  }

  function catchUp() {
    app.outbox.kick();
    refresh();
    app.reload().catch(() => {});
  }
}
